"""The account must be able to fail: rows made by hand, and what it says of each."""

from __future__ import annotations

from typing import Any

import pytest

from fullsignal.demo.account import Seen, reckon

Row = dict[str, Any]


def entry(number: int, **changes: Any) -> Row:
    paid = {"status": "paid", "test": False, "renewal": False, "ads": True, "told": True}
    return {"order": f"59{number}", "number": number, "total": "46.00", "currency": "USD", **paid, **changes}


def row(number: int, via: str = "server", **changes: Any) -> Row:
    body = {
        "user": {"email": "a" * 64, "ip": "203.0.113.9"},
        "page": {"url": "https://sample-store.example/thank-you"},
        "properties": {"order_id": f"59{number}", "value": 46.0, "currency": "USD"},
    }
    return {
        "seq": number * 10 + (via == "server"),
        "via": via,
        "code": 0,
        "event": "Purchase",
        "event_id": f"purchase.59{number}",
        "counted": True,
        "duplicate_of": None,
        "test": None,
        "person": None,
        "attributed_to": None,
        "body": body,
        **changes,
    }


def known(state: str, reason: str | None = None, **words: Any) -> list[Row]:
    """One copy of an order, as `fullsignal events show` tells of it."""
    outcome = {"state": state, "reason": reason, "code": None, "message": None, **words}
    return [{"copy_of": None, "outcomes": {"tiktok": outcome}, "notes": []}]


LEDGER: Row = {
    "balanced": True,
    "connections": [{"accepted": 2, "states": [{"state": "merged", "events": 1}]}],
}


def account(book: list[Row], rows: list[Row], journal: dict[int, list[Row]], **more: Any) -> Row:
    by_id = {f"59{number}": copies for number, copies in journal.items()}
    given = {"alone_rows": [], "ledger": LEDGER, **more}
    return reckon(Seen(book=book, rows=rows, journal=by_id, **given))


def good() -> tuple[list[Row], list[Row], dict[int, list[Row]]]:
    """Two sales: the first told by the pixel too, the second by fullsignal alone."""
    rows = [row(1, "pixel"), row(1, counted=False, duplicate_of=10), row(2)]
    return [entry(1), entry(2)], rows, {1: known("delivered"), 2: known("delivered")}


def test_two_sales_that_arrived_once_are_well() -> None:
    found = account(*good(), alone_rows=[row(1, "pixel")])

    assert found["ok"]
    assert found["orders"]["value"] == {"USD": 92.0}  # 2 * 46
    assert (found["pixel_alone"]["orders"], found["reached"]["orders"]) == (1, 2)
    assert found["difference"] == {"orders": 1, "value": {"USD": 46.0}}
    assert (found["merged"], found["deduplicated"]) == (1, 1)


def test_a_row_that_is_gone_from_tiktok_is_a_lost_sale() -> None:
    book, rows, journal = good()

    found = account(book, rows[:2], journal)

    assert not found["ok"]
    assert [one["order"] for one in found["lost"]] == ["#2"]


def test_the_pixels_copy_does_not_hide_that_ours_is_gone() -> None:
    book, rows, journal = good()

    found = account(book, [rows[0], rows[2]], journal)

    assert [one["order"] for one in found["lost"]] == ["#1"]


def test_a_row_that_counts_twice_is_said() -> None:
    book, rows, journal = good()

    found = account(book, [*rows, row(2, seq=99)], journal)

    assert not found["ok"]
    assert found["double_counted"] == [{"order": "#2", "times": 2, "rows": [21, 99]}]


def test_another_event_id_for_the_same_order_is_a_second_count() -> None:
    book, rows, journal = good()

    found = account(book, [*rows, row(2, seq=99, event_id="something-else")], journal)

    assert [one["order"] for one in found["double_counted"]] == ["#2"]


def test_a_sale_of_which_the_journal_knows_nothing_is_lost() -> None:
    book, rows, _ = good()

    found = account(book, rows[:2], {1: known("delivered")})

    assert [one["order"] for one in found["lost"]] == ["#2"]


def test_an_order_that_the_shop_never_had_is_unexplained() -> None:
    book, rows, journal = good()

    found = account(book, [*rows, row(3)], journal)

    assert [one["order"] for one in found["unexplained"]] == ["593"]


@pytest.mark.parametrize("properties", [{"value": 4600.0}, {"currency": "EUR"}, {"value": None}])
def test_another_amount_than_the_shops_is_unexplained(properties: Row) -> None:
    book, rows, journal = good()
    rows[2]["body"]["properties"] |= properties

    assert [one["order"] for one in account(book, rows, journal)["unexplained"]] == ["#2"]


def test_a_currency_that_tiktok_does_not_take_explains_a_missing_amount() -> None:
    book, rows, journal = good()
    book[1]["currency"] = "LKR"
    rows[2]["body"]["properties"] |= {"value": None, "currency": None}

    found = account(book, rows, journal)

    assert found["ok"]
    assert found["reached"] == {"orders": 2, "value": {"USD": 46.0}, "without_amount": ["#2"]}


@pytest.mark.parametrize("state", ["refused", "expired", "dead"])
def test_a_parked_order_is_explained_in_tiktoks_words(state: str) -> None:
    book, rows, journal = good()
    journal[2] = known(state, "40002", code="40002", message="Invalid value.")

    found = account(book, rows[:2], journal)

    assert found["ok"]
    assert [(p["order"], p["state"], p["message"]) for p in found["parked"]] == [
        ("#2", state, "Invalid value.")
    ]


def test_a_sale_that_is_still_under_way_is_unexplained() -> None:
    book, rows, journal = good()
    journal[2] = known("retrying")

    assert [one["order"] for one in account(book, rows[:2], journal)["unexplained"]] == ["#2"]


def test_a_refusal_of_ads_explains_what_was_not_sent() -> None:
    book, rows, journal = good()
    book[1]["ads"], journal[2] = False, known("suppressed", "consent")

    found = account(book, rows[:2], journal)

    assert found["ok"]
    assert found["orders"]["refused_ads"] == ["#2"]


def test_a_refusal_that_the_customer_never_gave_explains_nothing() -> None:
    book, rows, journal = good()
    journal[2] = known("suppressed", "consent")

    assert not account(book, rows[:2], journal)["ok"]


def test_what_was_sent_against_a_refusal_is_said() -> None:
    book, rows, journal = good()
    book[1]["ads"] = False

    assert [one["order"] for one in account(book, rows, journal)["unexplained"]] == ["#2"]


NO_SALES = [
    ({"status": "pending"}, ("held", "unpaid")),
    ({"status": "cancelled"}, ("skipped", "order_cancelled")),
    ({"test": True}, ("skipped", "test_order")),
    ({"renewal": True}, ("skipped", "renewal")),
]


@pytest.mark.parametrize(("facts", "outcome"), NO_SALES)
def test_an_order_that_is_no_sale_stays_here(facts: Row, outcome: tuple[str, str]) -> None:
    book, rows, journal = good()
    book[1] |= facts
    journal[2] = known(*outcome)

    assert account(book, rows[:2], journal)["ok"]
    assert not account(book, rows, journal)["ok"], "it was sent"
    assert not account(book, rows[:2], {**journal, 2: known("skipped", "observe")})["ok"], (
        "for another reason"
    )


def test_the_pixels_word_about_an_unpaid_order_is_no_sale() -> None:
    book, rows, journal = good()
    book[1]["status"], journal[2] = "pending", known("held", "unpaid", until=1.0)

    found = account(book, rows[:2], journal, alone_rows=[row(2, "pixel")])

    assert found["pixel_alone"] == {
        "orders": 0,
        "value": {},
        "not_sales": ["#2"],
        "not_sales_value": {"USD": 46.0},
    }
    assert found["waiting"] == [{"order": "#2", "reason": "unpaid", "message": None, "until": 1.0}]


def test_a_ledger_that_does_not_balance_is_not_well() -> None:
    assert not account(*good(), ledger={**LEDGER, "balanced": False})["ok"]


def test_no_sales_at_all_prove_nothing() -> None:
    assert not account([], [], {})["ok"]


def test_keys_and_people_are_counted_over_all_sales() -> None:
    book, rows, journal = good()
    rows[1]["body"]["user"] = {"phone": "b" * 64}
    rows[0]["body"]["user"] = {"ttp": "2F7h"}
    rows[0] |= {"person": "p1", "attributed_to": {"kind": "click"}}

    found = account(book, rows, journal, alone_rows=[row(1, "pixel")])

    assert found["coverage"]["email"] == {"pixel_alone": 1, "now": 1}
    assert found["coverage"]["phone"] == {"pixel_alone": 0, "now": 1}
    assert found["coverage"]["ttp"] == {"pixel_alone": 0, "now": 1}
    attributed = {"pixel_alone": 0, "now": 1}
    assert found["matched"] == {"pixel_alone": 0, "now": 1, "attributed": attributed}
