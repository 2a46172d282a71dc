"""What importing the client brings along."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import fullsignal

KEY = "sk_shop_0123456789"


def test_the_client_imports_the_standard_library_and_itself_only():
    folder = Path(fullsignal.__file__).parent / "client"
    names = set()
    for file in folder.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names.add(str(node.module).partition(".")[0])
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 1, f"{file.name} reaches out of the folder"

    assert names <= sys.stdlib_module_names | {"__future__"}


def test_the_client_is_loaded_when_asked_for_and_loads_nothing_else():
    program = (
        "import sys, fullsignal; assert 'fullsignal.client' not in sys.modules; fullsignal.Client; "
        "print(sorted(n for n in sys.modules if 'fullsignal' in n or n in ('msgspec', 'starlette')))"
    )
    out = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout

    loaded = ast.literal_eval(out)
    assert [n for n in loaded if not n.startswith("fullsignal.client")] == ["fullsignal"]
    with pytest.raises(AttributeError):
        _ = fullsignal.Cleint


def test_the_version_is_the_package_s():
    import tomllib

    pyproject = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))

    assert pyproject["project"]["version"] == fullsignal.__version__
