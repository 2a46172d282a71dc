from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from fullsignal.config import Orders
from fullsignal.sources.order_rules import RULES, Facts, order_rule

SALE = Facts(paid=True)
VALUE = Decimal("96.60")
# Everything is wrong with it at once; each test takes one thing away.
WORST = Facts(**{**dict.fromkeys(Facts.__struct_fields__, True), "paid": False})
# Every setting that keeps an order back, at its strictest.
STRICT = {
    "send_first_subscriptions": False,
    "send_drafts": False,
    "send_gift_cards": False,
    "send_returning": False,
}
EVERYTHING = {
    "purchase_when": "placed",
    "cod": "placed",
    "send_renewals": True,
    "send_test_orders": True,
    "send_zero_value": True,
    "pos": "offline",
}

DOCS = (Path(__file__).parents[2] / "docs" / "order-rules.md").read_text(encoding="utf-8")


def rule(facts: Facts, value: Decimal | None = VALUE, **orders: object):
    return order_rule(facts, value, msgspec.convert(orders, Orders))


def reason(facts: Facts, value: Decimal | None = VALUE, **orders: object) -> str:
    found = rule(facts, value, **orders)
    return found.reason if found else ""


def but(facts: Facts, **changes: object) -> Facts:
    return msgspec.structs.replace(facts, **changes)


def test_a_paid_order_is_a_purchase():
    assert rule(SALE) is None


@pytest.mark.parametrize(
    ("change", "orders", "expected"),
    [
        ({"cancelled": True}, {}, "order_cancelled"),
        ({"refunded": True}, {}, "order_refunded"),
        ({"test": True}, {}, "test_order"),
        ({"test": True}, {"send_test_orders": True}, ""),
        ({"renewal": True}, {}, "renewal"),
        ({"renewal": True}, {"send_renewals": True}, ""),
        ({"first_subscription": True}, {}, ""),
        ({"first_subscription": True}, {"send_first_subscriptions": False}, "first_subscription"),
        ({"draft": True}, {}, ""),
        ({"draft": True}, {"send_drafts": False}, "draft"),
        ({"pos": True}, {}, "pos"),
        ({"pos": True}, {"pos": "offline"}, ""),
        ({"only_gift_cards": True}, {}, ""),
        ({"only_gift_cards": True}, {"send_gift_cards": False}, "gift_cards"),
        ({"returning": True}, {}, ""),
        ({"returning": True}, {"send_returning": False}, "returning_customer"),
        ({"cod": True}, {}, ""),  # the courier has paid
    ],
)
def test_each_rule_and_its_setting(change, orders, expected):
    assert reason(but(SALE, **change), **orders) == expected


@pytest.mark.parametrize(
    ("value", "orders", "expected"),
    [
        (Decimal("0.00"), {}, "zero_value"),
        (Decimal("0.00"), {"send_zero_value": True}, ""),
        (Decimal("0.01"), {}, ""),
        (None, {}, ""),  # not known is not zero
    ],
)
def test_what_is_sent_is_what_is_zero(value, orders, expected):
    assert reason(SALE, value, **orders) == expected


# who pays how · purchase_when · cod · waits
PAYMENTS = [
    ({}, "paid", "paid", True),
    ({}, "authorized", "paid", True),
    ({}, "placed", "paid", False),
    ({"authorized": True}, "paid", "paid", True),
    ({"authorized": True}, "authorized", "paid", False),
    ({"authorized": True}, "placed", "paid", False),
    ({"on_hold": True}, "paid", "placed", True),
    ({"on_hold": True}, "authorized", "placed", True),
    ({"on_hold": True}, "placed", "paid", False),
    # Cash on delivery has its own setting, whatever the other says.
    ({"cod": True}, "paid", "paid", True),
    ({"cod": True}, "paid", "placed", False),
    ({"cod": True}, "authorized", "placed", False),
    ({"cod": True}, "placed", "paid", True),
    ({"cod": True}, "placed", "placed", False),
    ({"cod": True, "authorized": True}, "authorized", "paid", True),
    # Who is still at the payment page has bought nothing, whatever the settings say.
    ({"unplaced": True}, "placed", "placed", True),
    ({"unplaced": True, "cod": True}, "placed", "placed", True),
    ({"unplaced": True, "authorized": True}, "authorized", "placed", True),
]


@pytest.mark.parametrize(("facts", "purchase_when", "cod", "waits"), PAYMENTS)
def test_when_an_order_that_is_not_paid_is_a_purchase(facts, purchase_when, cod, waits):
    settings = {"purchase_when": purchase_when, "cod": cod}
    assert reason(Facts(paid=False, **facts), **settings) == ("unpaid" if waits else "")
    assert reason(Facts(paid=True, **facts), **settings) == ""


@pytest.mark.parametrize(
    ("facts", "begins", "setting"),
    [
        ({"cod": True}, "Cash on delivery", "orders.cod"),
        ({"authorized": True}, "The payment is authorized", "orders.purchase_when"),
        ({"on_hold": True}, "The order waits for money", "orders.purchase_when"),
        ({}, "The payment is not complete", "orders.purchase_when"),
        (
            {"unplaced": True, "cod": True},
            "The customer is still at the payment page",
            "orders.hold_days_max",
        ),
    ],
)
def test_what_is_waited_for_is_said_with_its_setting(facts, begins, setting):
    message = rule(Facts(paid=False, **facts)).message
    assert message.startswith(begins)
    assert setting in message


def test_where_several_rules_apply_the_first_of_the_table_wins():
    cures = (
        *("cancelled", "refunded", "test", "renewal", "first_subscription", "draft", "pos"),
        *("only_gift_cards", "returning"),
    )
    order = WORST
    seen = [reason(order, Decimal(0), **STRICT)]
    for cure in cures:
        order = but(order, **{cure: False})
        seen.append(reason(order, Decimal(0), **STRICT))
    seen.append(reason(order, **STRICT))
    assert seen == list(dict.fromkeys(row.reason for row in RULES))


def test_no_setting_sends_a_cancelled_or_refunded_order():
    assert reason(WORST, **EVERYTHING) == "order_cancelled"
    assert reason(but(WORST, cancelled=False), **EVERYTHING) == "order_refunded"
    sound = but(WORST, cancelled=False, refunded=False)
    assert reason(sound, **EVERYTHING) == "unpaid"  # nobody has bought it
    assert reason(but(sound, unplaced=False), **EVERYTHING) == ""


def test_an_unpaid_order_waits_fourteen_days_and_then_expires_unsent():
    found = rule(but(SALE, paid=False))
    assert (found.action, found.seconds, found.then) == ("hold", 1_209_600, "expire")  # 14 * 24 * 3600


def test_the_wait_is_a_setting():
    assert rule(but(SALE, paid=False), hold_days_max=3).seconds == 259_200  # 3 * 24 * 3600


def test_a_skipped_order_waits_for_nothing():
    found = rule(but(SALE, test=True))
    assert (found.action, found.seconds) == ("skip", 0)


def test_every_rule_says_in_words_what_it_did_and_names_its_setting():
    final = {"order_cancelled", "order_refunded"}
    for row in RULES:
        assert row.message.endswith(".")
        assert len(row.message) > 40
        named = set(re.findall(r"orders\.(\w+)", row.message))
        assert named <= set(Orders.__struct_fields__)
        assert bool(named) == (row.reason not in final), row.reason


# ---- the page for shop owners -----------------------------------------------------------------------------


def table() -> list[list[str]]:
    lines = DOCS[DOCS.index("\n| reason | what happens") :].strip().split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_docs_explain_every_reason_in_the_order_in_which_they_are_tried():
    tried = list(dict.fromkeys(row.reason for row in RULES))
    assert [row[0].strip("`") for row in table()] == [*tried, "cooling"]


def test_the_docs_name_the_setting_that_the_message_names():
    for name, _, _, settings in table():
        messages = " ".join(row.message for row in RULES if row.reason == name.strip("`"))
        for setting in Orders.__struct_fields__:
            assert (f"orders.{setting}" not in messages) or f"`{setting} " in settings, (name, setting)


def test_every_setting_of_orders_is_on_the_page():
    assert [name for name in Orders.__struct_fields__ if f"`{name}" not in DOCS] == []
