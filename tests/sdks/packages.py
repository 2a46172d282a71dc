"""npm's packages that the proofs run: fetched when they are missing or package-lock.json changed."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

from ..browser.builder import builder
from ..chromium import do_without

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"


def need_packages(where: Path = HERE) -> Path:
    """The folder with node; the packages of `where` are in its node_modules.

    Without one of them a test is skipped, in CI it fails.
    """
    try:
        node: Path = builder.find_node()
    except builder.CannotError as error:
        do_without(str(error))
        raise
    with (where / ".fetching").open("w") as turn:  # tests of several processes may want them at once
        fcntl.flock(turn, fcntl.LOCK_EX)
        _fetch(where, node)
    return node


def _fetch(where: Path, node: Path) -> None:
    stamp = where / "node_modules" / ".package-lock.fetched"
    lock = (where / "package-lock.json").read_bytes()
    if not stamp.exists() or stamp.read_bytes() != lock:
        npm = shutil.which("npm", path=str(node))
        assert npm is not None
        # As package-lock.json says; `npm ci` would ask for optional packages of other machines too, and not
        # every registry has those.
        quiet = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        path = os.pathsep.join([str(node), os.environ.get("PATH", "")])
        told = subprocess.run(
            [npm, "install", *quiet],
            cwd=where,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
        )
        if told.returncode:
            do_without(
                f"npm install in {where.name} did not succeed, so no SDK of npm's is tested: {told.stderr}"
            )
        stamp.write_bytes(lock)
