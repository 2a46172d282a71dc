"""Before the tests: what they need beside Python. Installed where that is allowed, else said what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

# Debian's package: the commands of which one must be there, and what is not tested without.
NEEDS = {
    "chromium": (("chromium", "chromium-browser", "google-chrome"), "the pixel's script in a real browser"),
    # Debian keeps nginx where only root's PATH leads. Its package starts a server, which no test uses.
    "nginx-light": (("nginx", "/usr/sbin/nginx"), "the browser script behind a shop's own proxy"),
    "strace": (("strace",), "what is left of the journal after a power cut"),
}


def main() -> int:
    missing = _missing()
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing {' and '.join(missing)} for the tests ...", flush=True)
        _install(missing)
        missing = _missing()
    for package in missing:
        print(f"There is no {package}, so this is not tested: {NEEDS[package][1]}.", file=sys.stderr)
    if missing:
        print(f"Install with: sudo apt-get install {' '.join(missing)}", file=sys.stderr)
    return 1 if missing and os.environ.get("CI") else 0


def _missing() -> list[str]:
    return [package for package, (names, _) in NEEDS.items() if not any(map(shutil.which, names))]


def _install(packages: list[str]) -> None:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", *packages]):
        if subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL).returncode:  # noqa: S603 - fixed words
            return


if __name__ == "__main__":
    sys.exit(main())
