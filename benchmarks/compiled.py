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
HOT = (
    *(
        "canonical",
        "written",
        "vocabulary",
        "consent",
        "copies",
        "identity/given",
        "identity/emails",
        "identity/names",
    ),
    *("identity/address", "identity/user", "identity/device", "identity/ids", "identity/phone"),
    *("identity/e164", "identity/external_id", "identity/scrub", "identity/suspect", "identity/country"),
    *(
        "journal/seal",
        "journal/append",
        "journal/sql",
        "journal/ids",
        "journal/books",
        "destinations/tiktok/event",
    ),
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
