"""npm's packages that the proofs run: fetched when they are missing or package-lock.json changed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from ..browser.builder import builder
from ..chromium import do_without

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"


def need_packages() -> Path:
    """The folder with node. A test without it or the packages is skipped, and failed where all must be there."""
    try:
        node: Path = builder.find_node()
    except builder.CannotError as error:
        do_without(str(error))
        raise
    stamp, lock = MODULES / ".package-lock.fetched", (HERE / "package-lock.json").read_bytes()
    if not stamp.exists() or stamp.read_bytes() != lock:
        npm = shutil.which("npm", path=str(node))
        assert npm is not None
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        path = os.pathsep.join([str(node), os.environ.get("PATH", "")])
        told = subprocess.run(
            [npm, "ci", *quiet], cwd=HERE, env={**os.environ, "PATH": path}, capture_output=True, text=True
        )
        if told.returncode:
            do_without(f"npm ci in {HERE.name} did not succeed, so no SDK of npm's is tested: {told.stderr}")
        stamp.write_bytes(lock)
    return node
