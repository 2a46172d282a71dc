"""The same source, its hot modules compiled with mypyc into a folder of their own: what would that gain?

    python benchmarks/compiled.py FOLDER
    PYTHONPATH=FOLDER python benchmarks/run.py event_to_body

Needs a C compiler. Nothing in the project uses the result.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent / "src"
IDENTITY = ("given", "emails", "names", "address", "user", "device", "ids", "phone", "e164", "external_id")
HOT = (
    *("canonical", "written", "vocabulary", "consent", "copies", "destinations/tiktok/event"),
    *(f"identity/{name}" for name in (*IDENTITY, "scrub", "suspect", "country")),
    *(f"journal/{name}" for name in ("seal", "append", "sql", "ids", "books")),
)


def main(folder: Path) -> None:
    shutil.copytree(SOURCE, folder, dirs_exist_ok=True)
    # mypyc cannot write half a surrogate pair into C.
    given = folder / "fullsignal/identity/given.py"
    given.write_text(given.read_text().replace(r"\ud800-\udfff", '" + chr(0xD800) + "-" + chr(0xDFFF) + "'))
    files = [f"fullsignal/{name}.py" for name in HOT]
    subprocess.run(
        [sys.executable, "-m", "mypyc", "--ignore-missing-imports", *files], cwd=folder, check=True
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
