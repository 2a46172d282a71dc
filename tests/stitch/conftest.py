"""The desk of the journal's tests: real intake, real journal, a clock that a test moves."""

from __future__ import annotations

from ..journal.conftest import desk, open_desk

__all__ = ["desk", "open_desk"]
