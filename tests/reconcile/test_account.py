"""What becomes of an order in the account: columns, days, money, and what is missing."""

from __future__ import annotations

from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from fullsignal.journal.sales import Sale
from fullsignal.model import Event, Rule
from fullsignal.reconcile import FATES, Account, Line, Period, account, judge

NOON = 1_795_176_000  # 2026-11-20 12:00 UTC
PERIOD = Period(NOON - 86_400, NOON + 86_400, UTC)
UNPAID = Rule("hold", "unpaid", "Not paid.")
CANCELLED = Rule("skip", "order_cancelled", "Cancelled.")


def order(number: int, at: float = NOON, value: float | None = 46.0, **more: Any) -> Event:
    return Event(
        name="purchase",
        event_id=f"purchase.{number}",
        event_time=int(at),
        order_id=str(number),
        value=value,
        currency=more.pop("currency", "USD"),
        **more,
    )


def sale(number: int, state: str = "delivered", reason: str = "", **more: Any) -> Sale:
    return Sale(number, event_id=f"purchase.{number}", event_time=NOON, state=state, reason=reason, **more)


def told(*pairs: tuple[Event, Sale | None], **options: Any) -> Account:
    found = Account(PERIOD, **options)
    found.add([one for one, _ in pairs], [known for _, known in pairs])
    return found


# order's rule, the journal's state and reason -> the word, and whether the platform misses a sale
@pytest.mark.parametrize(
    ("rule", "known", "word", "missing"),
    [
        (None, None, "never_arrived", True),
        (UNPAID, None, "no_sale", False),
        (CANCELLED, None, "no_sale", False),
        (None, ("delivered", ""), "accepted", False),
        (CANCELLED, ("delivered", ""), "accepted", False),
        (None, ("pending", ""), "on_its_way", False),
        (None, ("pending", "paused_auth"), "on_its_way", False),
        (None, ("sending", ""), "on_its_way", False),
        (None, ("retrying", ""), "on_its_way", False),
        (None, ("held", "merge"), "on_its_way", False),
        (None, ("held", "replay"), "on_its_way", False),
        (None, ("held", "confirm"), "held", False),
        (None, ("held", "consent"), "consent", False),
        (None, ("held", "unpaid"), "held", True),
        (UNPAID, ("held", "unpaid"), "no_sale", False),
        (None, ("suppressed", "consent"), "consent", False),
        (None, ("suppressed", "erasure"), "consent", False),
        (None, ("skipped", "observe"), "skipped", False),
        (None, ("skipped", "pixel_window_passed"), "skipped", False),
        (None, ("skipped", "renewal"), "skipped", False),
        (None, ("skipped", "no_event_source"), "skipped", True),
        (None, ("skipped", "before_start"), "skipped", True),
        (None, ("refused", "40002"), "refused", True),
        (UNPAID, ("refused", "40002"), "no_sale", False),
        (None, ("expired", "too_old"), "lost", True),
        (None, ("expired", "hold_ended"), "lost", True),
        (None, ("dead", "corrupt"), "lost", True),
        (None, ("", ""), "skipped", False),  # its row was forgotten
    ],
)
def test_an_order_has_one_word(
    rule: Rule | None, known: tuple[str, str] | None, word: str, missing: bool
) -> None:
    said = judge(order(1, rule=rule), sale(1, *known) if known else None)

    assert (said.fate, said.missing) == (word, missing)
    assert word in {fate.word for fate in FATES}


def test_every_order_is_in_one_column_and_every_currency_adds_up() -> None:
    found = told(
        (order(1), sale(1, value=46.0, currency="USD")),
        (order(2, value=0.1), None),
        (order(3, value=0.2), sale(3, "refused", "40002")),
        (order(4, value=10.0, currency="EUR"), sale(4)),
        (order(5, rule=UNPAID), None),
        (order(6, value=None), None),
    )

    totals = found.totals()
    assert sum(totals[fate.word] for fate in FATES) == totals["orders"] == 6
    assert totals["sales"] == 5
    assert found.sums() == {
        "EUR": {"sales": 10.0, "accepted": 10.0, "missing": 0.0},
        "USD": {"sales": 46.3, "accepted": 46.0, "missing": 0.3},
    }
    assert found.missing_count == 3


def test_what_was_sent_counts_where_it_is_known_and_a_difference_is_told() -> None:
    found = told(
        (order(1), sale(1, value=40.0, currency="USD")),
        (order(2), sale(2, value=None)),
        (order(3), sale(3, value=46.004, currency="USD")),
        (order(4), sale(4, value=43.0, currency="EUR")),
    )

    # 40.00 as sent, 46.00 by the shop's word, 46.00 as sent, 46.00: another currency is no difference
    assert found.sums()["USD"]["accepted"] == 178.0
    assert [(one.order_id, one.sent_value) for one in found.other_value] == [("1", 40.0)]


def test_days_are_those_of_the_zone() -> None:
    found = Account(Period(0, 2**40, ZoneInfo("America/New_York")))
    midnight = NOON + 12 * 3_600  # of the 21st in Greenwich, 19:00 of the 20th in New York
    found.add([order(1, midnight), order(2, midnight + 5 * 3_600)], [None, None])

    assert [day for day, _ in found.by_day()] == ["2026-11-20", "2026-11-21"]


def test_rows_of_one_order_are_one_order() -> None:
    """An export has a row for each item: the second has the number only, and other values."""
    found = Account(PERIOD)
    marks = [(1, 11, 12), (2, 12), (3, 13)]

    assert found.fresh([order(1), order(1), order(2)], marks) == [0, 2]
    assert found.fresh([order(2)], [(3, 13)]) == []
    assert found.repeated == 2


def test_orders_beside_the_period_are_not_counted_and_known_all_the_same() -> None:
    found = told((order(1, NOON - 90_000), sale(7, value=46.0)), (order(2), None))

    found.add_theirs([sale(7, value=46.0), sale(8, value=5.0), sale(9, "refused", "40002")])

    assert found.totals()["orders"] == 1
    assert found.outside == 1
    # 7 is an order of the shop, placed before the period; 9 was never accepted
    assert [one.event_id for one in found.not_in_shop] == ["purchase.8"]


def test_an_order_from_before_anything_came_is_said_to_be_so() -> None:
    found = told((order(1, NOON - 10), None), (order(2, NOON + 10), None), first_received_at=NOON)

    assert {group.reason: group.examples for group in found.groups.values()} == {
        "before_first": ["1"],
        "": ["2"],
    }


def test_of_what_nobody_remembers_nothing_is_claimed() -> None:
    found = told((order(1), None), forgotten_before=NOON + 1)

    assert (found.missing_count, found.totals()["skipped"], found.to_send) == (0, 1, [])


@pytest.mark.parametrize(("can_lift", "sent"), [(True, ["1", "2"]), (False, ["1"])])
def test_what_can_be_sent_never_arrived_or_waits_for_a_word_that_is_trusted(
    can_lift: bool, sent: list[str]
) -> None:
    found = told(
        (order(1), None),
        (order(2), sale(2, "held", "unpaid")),
        (order(3), sale(3, "refused", "40002")),
        (order(4, rule=UNPAID), None),
        can_lift=can_lift,
    )

    assert [one.order_id for one in found.to_send] == sent


def test_details_are_bounded_and_counts_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "DETAILS_MAX", 3)
    monkeypatch.setattr(account, "TO_SEND_MAX", 2)
    lines: list[Line] = []

    found = told(*((order(n), None) for n in range(5)), tell=lines.append)

    assert (len(found.missing), found.missing_count) == (3, 5)
    assert (len(found.to_send), found.to_send_left_off) == (2, 3)
    assert len(lines) == 5
    (group,) = found.groups.values()
    assert (group.orders, len(group.examples)) == (5, 5)
