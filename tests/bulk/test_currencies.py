"""The currency that stands in the cell of its amount."""

from __future__ import annotations

import json

import polars as pl
import pytest

from fullsignal.bulk import BulkError, Reading, guess, reading_of, requests, take
from fullsignal.bulk.currencies import currency_beside
from fullsignal.bulk.rows import ROW
from fullsignal.config import Connection, Site

NOW = 1_795_200_000.0
SITE = Site("shop", country="US", consent_unknown="send")
SENDS = Connection("shop", "tiktok", "tiktok", "live", settings={"pixel_code": "CD9079RC77U0N3GBV16Y"})


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *(("5.00 USD", "USD"), ("USD 5.00", "USD"), ("usd5", "USD"), ("€12.50", "EUR"), ("-12,50 €", "EUR")),
        *(("£5", "GBP"), ("5,00 zł", "PLN"), ("US$5.00", "USD"), ("R$ 5,00", "BRL"), ("$5.00 USD", "USD")),
        *(("1 234,50 Kč", "CZK"), ("₹1,23,456.00", "INR"), ("(€5.00)", "EUR"), ("5 Ft.", "HUF")),
        *(("$5", ""), ("5,00 kr", ""), ("¥500", ""), ("5 lei", ""), ("Fr. 5", ""), ("5 pcs", "")),
        *(("5", None), ("1'234.50", None), ("1e5", None), ("(5.00)", None), ("", None)),
    ],
)
def test_which_currency_stands_beside(text: str, code: str | None) -> None:
    assert currency_beside(text) == code


def orders(values: list[str], **more: list[str | None]) -> pl.DataFrame:
    numbers = pl.int_range(1, len(values) + 1, dtype=pl.UInt64, eager=True)
    made = pl.DataFrame(
        {
            "event": ["purchase"] * len(values),
            "order_id": [str(at) for at in range(len(values))],
            "event_time": ["1795100000"] * len(values),
            "value": values,
            **more,
        }
    )
    return made.with_columns(numbers.alias(ROW))


def both(frame: pl.DataFrame, **constants: str) -> tuple[list[str], list[str], dict[str, int]]:
    """The currencies of the events, those of the bodies, and the notes, which are alike."""
    columns = {name: name for name in frame.columns if name != ROW}
    reading = Reading(columns, constants)
    taken = take(frame, reading, SITE, source="file", trust=1, now=NOW)
    made = requests(frame, reading, SITE, SENDS, source="file", trust=1, now=NOW)
    assert taken.notes == made.notes
    assert taken.rejects == made.rejects == []
    sent = [one["properties"] for body in made.bodies for one in json.loads(body)["data"]]
    assert [one.value for one in taken.events] == [one["value"] for one in sent]
    return [one.currency for one in taken.events], [one.get("currency", "") for one in sent], taken.notes


def test_it_is_taken_from_the_cell() -> None:
    cells = ["5.00 USD", "€12.50", "7.00 zł", "8.00"]
    assert both(orders(cells)) == (["USD", "EUR", "PLN", ""], ["USD", "EUR", "PLN", ""], {})


def test_a_sign_of_several_is_noted_and_not_guessed() -> None:
    assert both(orders(["$5.00", "5.00 kr", "5.00 EUR"])) == (
        *(["", "", "EUR"], ["", "", "EUR"], {"currency_unclear": 2}),
    )


def test_one_for_every_row_is_for_those_that_do_not_say_it() -> None:
    assert both(orders(["$5.00", "€5.00", "5"]), currency="CAD")[0] == ["CAD", "EUR", "CAD"]


def test_a_column_of_currencies_goes_first() -> None:
    frame = orders(["5.00 €", "$5.00", "€5.00", "$5.00"], currency=["EUR", "AUD", None, None])
    found, sent, notes = both(frame)
    assert found == sent == ["EUR", "AUD", "EUR", ""]
    assert notes == {"currency_unclear": 1}


def test_a_sign_of_several_asks_for_the_currency() -> None:
    frame = orders(["€5.00", "$6.00"])
    with pytest.raises(BulkError, match="--currency USD"):
        reading_of(guess(frame))
    assert reading_of(guess(frame), ["currency='USD'"]).constants["currency"] == "USD"
    reading_of(guess(orders(["€5.00", "6.00 USD"])))
    reading_of(guess(orders(["€5.00", "$6.00"], currency=["EUR", "USD"])))
