"""What names the order of a sale: guessed where it can be, refused where nothing does."""

from __future__ import annotations

import polars as pl
import pytest

from fullsignal.bulk import ORDER_ID_MISSING, Guess, Reading, guess, is_nameless, reading_of, requests, take
from fullsignal.bulk.rows import ROW
from fullsignal.config import Connection, Site

NOW = 1_795_200_000.0
SITE = Site("shop", country="US", consent_unknown="send")
SENDS = Connection("shop", "tiktok", "tiktok", "live", settings={"pixel_code": "CD9079RC77U0N3GBV16Y"})


def guessed(**columns: str) -> dict[str, str]:
    found: list[Guess] = guess(
        pl.DataFrame({name.replace("_", " "): [text] for name, text in columns.items()})
    )
    return {one.column: one.field for one in found if one.field}


BESIDE = {"Financial_Status": "paid", "Total": "5.00"}


@pytest.mark.parametrize("when", ["Created_at", "Paid_at"])
def test_shopifys_name_and_id_without_its_lines(when: str) -> None:
    found = guessed(**BESIDE, **{when: "2026-11-20 10:00:00 +0100"}, Name="#1001", Id="5512345678901")
    assert (found["Name"], found["Id"]) == ("order_number", "order_id")
    assert found[when.replace("_", " ")] == "event_time"


@pytest.mark.parametrize("name", ["Maya Okafor", "Okafor, Maya", "Maya", "maya1@shop.example", "Jane 2nd"])
def test_a_persons_name_is_no_order(name: str) -> None:
    found = guessed(**BESIDE, Created_at="2026-11-20 10:00:00 +0100", Name=name, Id="5512345678901")
    assert "Name" not in found and found["Id"] == "order_id"


def test_a_name_beside_no_such_columns_is_left_alone() -> None:
    assert "Name" not in guessed(Name="#1001", Total="5.00", Created_at="2026-11-20 10:00:00 +0100")


def test_a_column_that_says_order_goes_first() -> None:
    found = guessed(
        **BESIDE, Created_at="2026-11-20 10:00:00 +0100", Id="77", Order_ID="5512345678901", Name="#1001"
    )
    assert (found["Order ID"], found.get("Id"), found["Name"]) == ("order_id", None, "order_number")


def test_orders_as_shopifys_api_has_them() -> None:
    names = ("id", "name", "email", "financial_status", "created_at", "total_price", "currency")
    values = ("5001", "#1001", "a@shop.example", "paid", "2026-11-20T10:00:00Z", "5.00", "USD")
    found = {
        one.field: one.column
        for one in guess(pl.DataFrame({n: [v] for n, v in zip(names, values, strict=True)}))
    }
    assert (found["order_id"], found["order_number"], found["value"]) == ("id", "name", "total_price")


ROWS = pl.DataFrame(
    {
        "event": ["purchase", "Purchase", "lead", "purchase", "Order Completed", "purchase"],
        "event_time": ["1795100000"] * 6,
        "order_id": ["1", None, None, "#", "", None],
        "order_number": [None, "#1002", None, "", " ", None],
        "event_id": [None, None, None, None, None, "mine"],
        "value": ["5"] * 6,
        ROW: pl.Series([1, 2, 3, 4, 5, 6], dtype=pl.UInt64),
    }
)


@pytest.mark.parametrize(("nameless", "rejected"), [("refuse", [4, 5]), ("take", [])])
def test_sales_without_an_id_are_refused_where_that_is_said(nameless: str, rejected: list[int]) -> None:
    columns = {name: name for name in ROWS.columns if name != ROW}
    reading = Reading(columns, nameless=nameless)  # type: ignore[arg-type]
    taken = take(ROWS, reading, SITE, source="file", trust=1, now=NOW)
    made = requests(ROWS, reading, SITE, SENDS, source="file", trust=1, now=NOW)

    assert [(one.row, one.code, one.field) for one in taken.rejects] == [
        (row, ORDER_ID_MISSING, "order_id") for row in rejected
    ]
    assert made.rejects == taken.rejects
    assert [row for row, one in zip(taken.rows, taken.events, strict=True) if is_nameless(one)] == (
        [] if rejected else [4, 5]
    )
    (lead,) = (one for one in taken.events if one.name == "lead" or one.called == "lead")
    assert lead.event_id.startswith("row.") and not is_nameless(lead)


def test_a_value_without_an_order_says_which_column_is_missed() -> None:
    frame = pl.DataFrame({"Total": ["5.00"], "Created at": ["2026-11-20T10:00:00Z"]})
    with pytest.raises(Exception, match="order_id=their column"):
        reading_of(guess(frame))


def ruled(**columns: list[str | None]) -> list[tuple[str, str]]:
    """(order, the rule's reason) of purchases; "rejected" where the row is."""
    height = len(next(iter(columns.values())))
    rows = pl.DataFrame(
        {
            "event": ["purchase"] * height,
            "event_time": ["1795100000"] * height,
            "order_id": [f"{n}" for n in range(height)],
            **columns,
        }
    ).with_row_index(ROW, 1)
    reading = Reading({name: name for name in rows.columns if name != ROW})
    taken = take(rows, reading, SITE, source="file", trust=1, now=NOW)
    told = [(one.order_id, one.rule.reason if one.rule else "") for one in taken.events]
    return sorted([*told, *[(f"{one.row - 1}", one.code) for one in taken.rejects]])


def test_an_order_with_a_time_of_cancellation_is_no_sale_though_it_is_called_paid() -> None:
    at = "2026-11-21 10:00:00 +0100"
    assert ruled(status=["paid", "paid", None], cancelled_at=[None, at, at]) == [
        ("0", ""),
        ("1", "order_cancelled"),
        ("2", "order_cancelled"),
    ]
    assert ruled(cancelled_at=[" ", at]) == [("0", ""), ("1", "order_cancelled")]
    assert guessed(**BESIDE, Created_at=at, Cancelled_at=at)["Cancelled at"] == "cancelled_at"


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("wc-on-hold", "unpaid"),
        ("On hold", "unpaid"),
        ("PARTIALLY_REFUNDED", ""),
        ("Payée", ""),
        ("Terminée", ""),
        ("In Bearbeitung", ""),
        ("Zahlung ausstehend", "unpaid"),
        ("Rückerstattet", "order_refunded"),
        ("Annulée", "order_cancelled"),
        ("Pendiente de pago", "unpaid"),
        ("Geannuleerd", "order_cancelled"),
        ("qualified", "status"),
    ],
)
def test_a_status_is_known_in_several_languages(word: str, reason: str) -> None:
    assert ruled(status=[word, None]) == [("0", reason), ("1", "")]


def test_a_leads_status_is_nobodys_order_status() -> None:
    assert ruled(event=["generate_lead", "purchase"], status=["qualified", "qualified"]) == [
        ("0", ""),
        ("1", "status"),
    ]
