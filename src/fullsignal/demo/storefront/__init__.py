"""`fullsignal demo --shop`: a small shop to click through, and below it what TikTok got to know, and why."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

__all__ = ["LIFE_SECONDS", "PORT", "run"]

PORT: Final = 8890
LIFE_SECONDS: Final = 2 * 3_600.0


def run(port: int = PORT, seconds: float = LIFE_SECONDS, keep: bool = False) -> int:
    """Serve until Ctrl-C, or until `seconds` are over. 0: it ended well. 1: it could not start.

    Raises OSError when the port cannot be had.
    """
    from fullsignal.demo.processes import DemoError
    from fullsignal.demo.storefront.opening import open_shop

    folder = Path(tempfile.mkdtemp(prefix="fullsignal-shop-"))
    try:
        asyncio.run(open_shop(folder, port, seconds, _say))
        _say("Its time is over; everything the demo had started is stopped.")
    except DemoError as error:
        _say(str(error))
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        _say("\nThe shop is closed; everything the demo had started is stopped.")
    finally:
        if keep:
            _say(f"Its folder: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
