"""Amounts as people write them."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fullsignal.bulk.amounts import AMBIGUOUS, NOT_A_NUMBER, read_numbers


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("96.60", 96.6), ("1450", 1450), ("1.234,50", 1234.5), ("1,234.50", 1234.5), ("1 234,50", 1234.5),
        ("1\u202f234,50", 1234.5), ("1'234.50", 1234.5), ("1.234.567", 1234567), ("1,23,456.00", 123456),
        ("€1.234,50", 1234.5), ("$96.60", 96.6), ("96.60 USD", 96.6), ("US$ 5", 5), ("R$ 1.234,56", 1234.56),
        ("kr 5", 5), ("5 kr.", 5), ("12,5 zł", 12.5), ("Rs. 1,23,456.00", 123456), ("-5", -5), ("(5.00)", -5),
        ("-$5.00", -5), ("5.00-", -5), ("−5", -5), ("+5", 5), (".5", 0.5), ("0,125", 0.125),
        ("1234.567", 1234.567), ("1e3", 1000), ("1.5e-05", 1.5e-05), ("0", 0), ("007", 7),
    ],
)  # fmt: skip
def test_what_shows_its_own_sign_is_read(text: str, number: float) -> None:
    found, wrong = read_numbers(pl.Series([text]), "auto")
    assert (found.to_list(), wrong) == ([number], {})


@pytest.mark.parametrize(
    "text", ["abc", "1.2.3", "1,2,3", "12 items of it", "1.23.456,0", "--5", "1 23", "NaN", "$", "1.2,3.4"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    assert read_numbers(pl.Series([text]), "auto") [1] == {text: NOT_A_NUMBER}  # fmt: skip


def test_a_thousand_or_one_point_two_is_decided_by_the_column() -> None:
    unclear = ["1.234", "2.500"]
    assert read_numbers(pl.Series(unclear), "auto")[1] == dict.fromkeys(unclear, AMBIGUOUS)
    assert read_numbers(pl.Series([*unclear, "7,90"]), "auto")[0].to_list() == [1234, 2500, 7.9]
    assert read_numbers(pl.Series([*unclear, "7.90"]), "auto")[0].to_list() == [1.234, 2.5, 7.9]
    both = read_numbers(pl.Series([*unclear, "7.90", "7,90"]), "auto")
    assert both[1] == dict.fromkeys(unclear, AMBIGUOUS)
    assert both[0].to_list() == [None, None, 7.9, 7.9]
    assert read_numbers(pl.Series(unclear), "auto", ",")[0].to_list() == [1234, 2500]
    assert read_numbers(pl.Series(unclear), ",")[0].to_list() == [1234, 2500]
    assert read_numbers(pl.Series(unclear), ".")[0].to_list() == [1.234, 2.5]


def test_a_decimal_that_was_named_binds() -> None:
    assert read_numbers(pl.Series(["1.234,50", "96.60"]), ".") [1] == {"1.234,50": NOT_A_NUMBER}  # fmt: skip
    found, wrong = read_numbers(pl.Series(["1.234,50", "96.60"]), ",")
    assert (found.to_list(), wrong) == ([1234.5, None], {"96.60": NOT_A_NUMBER})


def test_numbers_of_other_types_are_themselves() -> None:
    assert read_numbers(pl.Series([1, None, 3]), "auto")[0].to_list() == [1, None, 3]
    money = pl.Series(["1.10", "2.20"]).cast(pl.Decimal(10, 2))
    assert read_numbers(money, ",")[0].to_list() == [1.1, 2.2]


@given(
    st.decimals(0, 10**9, places=2),
    st.sampled_from(["{:,.2f}", "{:.2f}"]),
    st.sampled_from([".,", ",.", ", "]),
)
def test_what_is_written_is_read(number: float, how: str, signs: str) -> None:
    text = how.format(number).translate(str.maketrans(".,", signs))
    assert read_numbers(pl.Series([text]), "auto")[0].to_list() == [float(number)]
