"""`python -m fullsignal_emulator --port 8900`"""

from __future__ import annotations

import argparse

from .server import NotLoopbackError, serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="fullsignal_emulator", description="A local stand-in for TikTok.")
    parser.add_argument("--port", type=int, default=8900, help="0 takes a free one (default 8900)")
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument(
        "--i-know-what-i-am-doing", action="store_true", help="listen on an address others can reach"
    )
    typed = parser.parse_args()
    try:
        serve(typed.port, typed.host, allow_any_host=typed.i_know_what_i_am_doing)
    except (OSError, NotLoopbackError) as problem:
        parser.exit(1, f"{problem}\n")


main()
