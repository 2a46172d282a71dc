"""How long is waited before a shop is asked again."""

from __future__ import annotations

import pytest

from fullsignal.pulling.failing import wait_seconds


@pytest.mark.parametrize(
    ("failures", "after", "seconds"),
    [
        (1, None, 15),
        (3, None, 60),
        (50, None, 3_600),
        (1, 120, 120),  # the other side asks for more
        (1, 90_000, 3_600),
        # BigCommerce says with every answer, a fault too, how soon the window of its limit is over.
        (1, 0.04, 15),
        (4, 0.04, 120),
        (4, 0, 120),
    ],
)
def test_a_wait_doubles_and_is_longer_where_the_other_side_asks_for_it(failures, after, seconds):
    assert wait_seconds(15, failures, after) == seconds
