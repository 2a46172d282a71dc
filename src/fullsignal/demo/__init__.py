"""`fullsignal demo`: a synthetic shop, a TikTok that misbehaves, and an account of every order at the end."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import tempfile
from pathlib import Path

__all__ = ["run"]


def run(seconds: float = 20, as_json: bool = False, seed: int = 7, keep: bool = False) -> int:
    """0: every order is accounted for. 1: one is lost, counted twice or unexplained. 130: interrupted.

    as_json: one JSON object on stdout and nothing else there. keep: the folder stays, for looking around.
    """
    from rich.console import Console

    from fullsignal.demo.perform import perform
    from fullsignal.demo.processes import DemoError
    from fullsignal.demo.screen import Screen
    from fullsignal.demo.telling import tell

    console = Console(stderr=as_json)
    folder = Path(tempfile.mkdtemp(prefix="fullsignal-demo-"))
    try:
        told = asyncio.run(perform(folder, max(seconds, 1.0), seed, Screen(console)))
        keep = keep or not told["ok"]
        told["folder"] = str(folder) if keep else None
        if as_json:
            sys.stdout.write(json.dumps(told, indent=2) + "\n")
        else:
            tell(told, console)
        return 0 if told["ok"] else 1
    except DemoError as error:
        if as_json:
            sys.stdout.write(json.dumps({"ok": False, "error": str(error)}) + "\n")
        else:
            console.print(str(error), markup=False, highlight=False, soft_wrap=True)
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        console.print("Interrupted; everything the demo had started is stopped.")
        return 130
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
