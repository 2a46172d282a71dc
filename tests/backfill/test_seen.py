"""Which marks came before: the same answers as a set would give."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from fullsignal.backfill.seen import Seen

LEAST, MOST = -(2**63), 2**63 - 1
marks = st.one_of(st.integers(-3, 3), st.sampled_from([LEAST, MOST]), st.integers(LEAST, MOST))
events = st.lists(st.lists(marks, min_size=1, max_size=3).map(tuple), max_size=12)


@given(st.lists(events, max_size=8))
@settings(max_examples=200)
def test_it_answers_as_a_set_would(calls: list[list[tuple[int, ...]]]) -> None:
    seen, known = Seen(), set[int]()
    for call in calls:
        expected = []
        for mine in call:
            expected.append(any(mark in known for mark in mine))
            known.update(mine)
        assert seen.again(call) == expected


def test_a_hundred_thousand_marks_lie_in_few_runs() -> None:
    chance = random.Random(7)
    numbers = chance.sample(range(10**12), 100_000)
    seen = Seen()
    for at in range(0, 100_000, 1_000):
        assert not any(seen.again([(n,) for n in numbers[at : at + 1_000]]))

    assert len(seen._runs) <= 8  # each at least twice as long as the next: 2 ** 7 * 1,000 > 100,000
    assert all(seen.again([(n,) for n in numbers[:5_000]]))
