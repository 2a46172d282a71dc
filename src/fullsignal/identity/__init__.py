"""Identifiers as people type them -> normalised text -> SHA-256. Pure functions: no clock, no I/O.

`given` is the door every hashable value passes (clean, pre-hashed, poison); one small module per family of
fields does the rest; `user` puts them together. `scrub` takes personal data out of URLs and properties.
"""

from fullsignal.identity.user import identify

__all__ = ["identify"]
