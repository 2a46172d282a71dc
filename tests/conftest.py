"""Properties: how long one example takes is no matter of theirs, on a machine that others use too.

`make fuzz`: every property is tried FULLSIGNAL_FUZZ_TIMES as often as it is in `make test`."""

from __future__ import annotations

import os

import pytest
from hypothesis import is_hypothesis_test, settings

TIMES = int(os.environ.get("FULLSIGNAL_FUZZ_TIMES", "1"))
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if TIMES == 1:
        return
    seen = set()
    for item in items:
        test = getattr(item, "obj", None)
        function = getattr(test, "__func__", test)
        if function is None or function in seen or not is_hypothesis_test(function):
            continue
        seen.add(function)
        # A test's own number of examples would win over a profile's, so it is multiplied where it stands.
        usual = getattr(function, "_hypothesis_internal_use_settings", None) or settings.default
        longer = settings(usual, max_examples=usual.max_examples * TIMES)
        function._hypothesis_internal_use_settings = longer
