"""The gateway, the stand-in and the clock of tests/delivery."""

from ..delivery.conftest import emulator, open_world, site, world

__all__ = ["emulator", "open_world", "site", "world"]
