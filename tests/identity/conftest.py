from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fullsignal.identity import identify
from fullsignal.model import Note, RawUser, User

Identified = tuple[User, list[Note]]


@pytest.fixture(scope="session")
def person() -> Callable[..., Identified]:
    """`person(email=..., region="US")` -> (user, notes)"""

    def identified(*, region: str = "", **fields: Any) -> Identified:
        notes: list[Note] = []
        return identify(RawUser(**fields), region=region, notes=notes), notes

    return identified


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test with the argument `tiktok__cases` runs once for each of `cases` in vectors/tiktok.json."""
    for name in metafunc.fixturenames:
        file, _, part = name.partition("__")
        path = Path(__file__).parent / "vectors" / f"{file}.json"
        if part and path.exists():
            cases = json.loads(path.read_text(encoding="utf-8"))[part]
            metafunc.parametrize(name, cases, ids=[json.dumps(case)[:60] for case in cases])
