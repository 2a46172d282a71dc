"""Before the browser tests: is there a Chromium? Installs Debian's where it may, else says what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")


def main() -> int:
    if any(shutil.which(name) for name in NAMES):
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing chromium for the browser tests ...", flush=True)
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]):
            quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            if subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL).returncode:  # noqa: S603 - fixed words
                break
    if any(shutil.which(name) for name in NAMES):
        return 0
    print(
        "There is no Chromium, so the browser tests will be skipped: the pixel's script is then not tested.\n"
        "Install it with: sudo apt-get install chromium",
        file=sys.stderr,
    )
    return 1 if os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main())
