"""What a site decides about a sale, whoever sold it: money, names of items, gift cards, new customers."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fullsignal.config import ConfigError, Orders, Site, build
from fullsignal.model import RawUser
from fullsignal.sources.order_rules import Facts
from fullsignal.sources.reading import NOTES_MAX
from fullsignal.sources.sale import Line, Sale, purchase

MUG = Line("7", "41", "MUG", "Mug", price=Decimal("41.15"), quantity=2)


def made(sale: dict[str, Any] | None = None, country: str = "", **orders: Any) -> tuple[Any, list[str]]:
    """(what intake gets, the codes of the notes)."""
    given = {"order_id": "1", "placed_at": 1, "facts": Facts(paid=True), "currency": "USD", **(sale or {})}
    site = Site("shop", country=country, orders=msgspec.convert(orders, Orders))
    incoming = purchase(Sale(**{"total": Decimal("96.60"), **given}), site, [])
    return incoming, [note.code for note in incoming.notes]


@pytest.mark.parametrize(("others", "count"), [([], 2), ([3], 5), ([0], 2), ([None], None)])
def test_how_many_things_were_bought_is_left_out_where_a_line_does_not_say(
    others: list[int | None], count: int | None
) -> None:
    lines = [MUG, *[msgspec.structs.replace(MUG, quantity=quantity) for quantity in others]]
    incoming, _ = made({"lines": lines})
    assert incoming.raw.num_items == count


# ---- money --------------------------------------------------------------------------------------------

ALL = {"total": "96.60", "tax": "8.00", "shipping": "6.30", "shipping_tax": "0.60"}
NO_TAX, NO_SHIPPING = {"with_tax": False}, {"with_shipping": False}
NEITHER = {**NO_TAX, **NO_SHIPPING}


@pytest.mark.parametrize(
    ("changes", "orders", "value", "noted"),
    [
        ({}, {}, "96.60", False),
        ({}, NO_TAX, "88.60", False),  # 96.60 - 8.00
        ({}, NO_SHIPPING, "89.70", False),  # 96.60 - 6.30 - 0.60
        ({}, NEITHER, "82.30", False),  # 96.60 - 8.00 - 6.30
        # What is not known is not guessed, and what is not needed need not be known.
        ({"tax": None}, {}, "96.60", False),
        ({"tax": None}, NO_TAX, "96.60", True),
        ({"tax": None}, NO_SHIPPING, "89.70", False),
        ({"tax": None}, NEITHER, "96.60", True),
        ({"shipping": None}, NO_TAX, "88.60", False),
        ({"shipping": None}, NO_SHIPPING, "96.60", True),
        ({"shipping": None}, NEITHER, "96.60", True),
        ({"shipping_tax": None}, NO_SHIPPING, "96.60", True),
        ({"shipping_tax": None}, NEITHER, "82.30", False),
        # Free parcels and untaxed orders have no tax on shipping, said or not.
        ({"shipping": "0", "shipping_tax": None}, NO_SHIPPING, "96.60", False),
        ({"tax": "0", "shipping_tax": None}, NO_SHIPPING, "90.30", False),
        ({"total": None}, NEITHER, None, False),
        ({"total": "5.00"}, NO_TAX, "5.00", True),  # more tax than money
        ({"total": "8.00"}, NO_TAX, "0.00", False),
        ({"total": "0.10", "tax": "0.03"}, NO_TAX, "0.07", False),  # exactly
    ],
)
def test_what_of_the_money_is_sent(changes, orders, value, noted):
    amounts = {k: v if v is None else Decimal(v) for k, v in {**ALL, **changes}.items()}
    incoming, codes = made(amounts, **orders)
    assert incoming.raw.value == value
    assert codes == (["total_kept"] if noted else [])


def test_a_note_names_the_settings_and_never_the_amount():
    incoming, _ = made({"total": Decimal("96.60")}, **NEITHER)
    (note,) = incoming.notes
    assert "orders.with_tax and orders.with_shipping" in note.message
    assert "96" not in note.message


def test_an_order_of_which_only_the_parcel_was_paid_is_worth_nothing_without_it():
    free = {"total": Decimal("6.30"), "tax": Decimal(0), "shipping": Decimal("6.30")}
    assert made(free)[0].order.rule is None
    assert made(free, **NO_SHIPPING)[0].order.rule.reason == "zero_value"
    assert made(free, **NO_SHIPPING, send_zero_value=True)[0].order.rule is None


# ---- items --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "country", "site", "expected"),
    [
        ("", "US", "", "41"),
        ("{sku}", "", "", "MUG"),
        ("shopify_{country}_{product_id}_{variant_id}", "de", "US", "shopify_DE_7_41"),
        ("shopify_{country}_{product_id}_{variant_id}", None, "US", "shopify_US_7_41"),
        ("shopify_{country}_{product_id}_{variant_id}", None, "", "41"),
        ("x{sku}", "", "", "xMUG"),
    ],
)
def test_an_item_is_called_by_the_sites_template(template, country, site, expected):
    sale = {"lines": [MUG], "user": RawUser(country=country)}
    incoming, codes = made(sale, country=site, content_id=template)
    assert incoming.raw.items[0].item_id == expected
    assert codes == (["content_id_incomplete"] if template and expected == "41" else [])


def test_without_its_parts_an_item_keeps_the_name_of_its_source():
    by_sku = {"lines": [Line(sku="MUG"), Line(product_id="7"), Line()], "item_id": ("sku", "product_id")}
    incoming, codes = made(by_sku, content_id="{variant_id}")
    assert [item.item_id for item in incoming.raw.items] == ["MUG", "7", None]
    assert codes == ["content_id_incomplete"] * 3
    assert [note.field for note in incoming.notes][1] == "items[1].item_id"


def test_ten_thousand_nameless_lines_make_twenty_notes():
    incoming, codes = made({"lines": [Line()] * 10_000}, content_id="{sku}")
    assert (len(incoming.raw.items), len(codes)) == (10_000, NOTES_MAX)


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("{skuu}", "{skuu} stands for nothing. Known: {product_id}, {variant_id}, {sku}, {country}"),
        ("{}", "{} stands for nothing"),
        ("{sku", "stands alone"),
        ("sku}", "stands alone"),
        ("{{sku}}", "stands alone"),
        ("shopify", "calls every item the same"),
        ("{country}", "calls every item the same"),
    ],
)
def test_a_template_that_names_nothing_is_an_error_when_the_configuration_is_read(template, says):
    document = {"site": {"shop": {"orders": {"content_id": template}}}}
    with pytest.raises(ConfigError) as error:
        build(document, Path("fullsignal.toml"))
    assert str(error.value).startswith("site.shop.orders.content_id: ")
    assert says in str(error.value)


def test_a_template_of_known_parts_is_taken():
    document = {"site": {"shop": {"orders": {"content_id": "shopify_{country}_{product_id}_{variant_id}"}}}}
    assert build(document, Path("fullsignal.toml")).sites["shop"].orders.content_id.startswith("shopify_")


# ---- gift cards and customers -------------------------------------------------------------------------

CARD = Line("9", "9", "CARD", gift_card=True, quantity=1)


@pytest.mark.parametrize(
    ("lines", "fact", "skipped"),
    [
        ([CARD], False, True),
        ([CARD, CARD], False, True),
        ([CARD, MUG], False, False),
        ([], False, False),
        ([MUG], True, True),  # a source that knows it otherwise
    ],
)
def test_only_an_order_of_nothing_but_gift_cards_is_left_out(lines, fact, skipped):
    sale = {"lines": lines, "facts": Facts(paid=True, only_gift_cards=fact)}
    assert made(sale)[0].order.rule is None
    rule = made(sale, send_gift_cards=False)[0].order.rule
    assert (rule.reason if rule else "") == ("gift_cards" if skipped else "")


@pytest.mark.parametrize(
    ("said", "skipped"), [("new", False), ("returning", True), (None, False), ("vip", False)]
)
def test_a_returning_customer_is_left_out_where_the_shop_says_so(said, skipped):
    assert made({"customer_type": said})[0].raw.customer_type == said
    rule = made({"customer_type": said}, send_returning=False)[0].order.rule
    assert (rule.reason if rule else "") == ("returning_customer" if skipped else "")


def test_a_sale_at_the_till_is_offline_where_the_shop_wants_it():
    till = {"facts": Facts(paid=True, pos=True)}
    assert made(till)[0].order.rule.reason == "pos"
    incoming, _ = made(till, pos="offline")
    assert (incoming.raw.channel, incoming.order.rule) == ("offline", None)
