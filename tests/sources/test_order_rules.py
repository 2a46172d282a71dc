from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from fullsignal.config import Orders
from fullsignal.sources.order_rules import RULES, Facts, order_rule

SALE = Facts(paid=True, total=Decimal("96.60"))
# Everything is wrong with it at once; each test takes one thing away.
WORST = Facts(paid=False, cancelled=True, test=True, renewal=True, pos=True, total=Decimal(0), cod=True)

DOCS = Path(__file__).parents[2] / "docs" / "order-rules.md"


def reason(facts: Facts, **orders: object) -> str:
    rule = order_rule(facts, msgspec.convert(orders, Orders))
    return rule.reason if rule else ""


def but(facts: Facts, **changes: object) -> Facts:
    return msgspec.structs.replace(facts, **changes)


def test_a_paid_order_is_a_purchase():
    assert order_rule(SALE, Orders()) is None


@pytest.mark.parametrize(
    ("change", "orders", "expected"),
    [
        ({"cancelled": True}, {}, "order_cancelled"),
        ({"test": True}, {}, "test_order"),
        ({"test": True}, {"send_test_orders": True}, ""),
        ({"renewal": True}, {}, "renewal"),
        ({"renewal": True}, {"send_renewals": True}, ""),
        ({"pos": True}, {}, "pos"),
        ({"pos": True}, {"pos": "offline"}, ""),
        ({"total": Decimal("0.00")}, {}, "zero_value"),
        ({"total": Decimal("0.00")}, {"send_zero_value": True}, ""),
        ({"total": Decimal("0.01")}, {}, ""),
        ({"total": None}, {}, ""),
        ({"paid": False}, {}, "unpaid"),
        ({"paid": False, "cod": True}, {}, "unpaid"),
        ({"cod": True}, {}, ""),
    ],
)
def test_each_rule_and_its_setting(change, orders, expected):
    assert reason(but(SALE, **change), **orders) == expected


def test_where_several_rules_apply_the_first_of_the_table_wins():
    order = WORST
    seen = [reason(order)]
    for cure in ({"cancelled": False}, {"test": False}, {"renewal": False}, {"pos": False}, {"total": None}):
        order = but(order, **cure)
        seen.append(reason(order))
    assert seen == ["order_cancelled", "test_order", "renewal", "pos", "zero_value", "unpaid"]


def test_no_setting_sends_a_cancelled_or_an_unpaid_order():
    everything = {
        "send_test_orders": True,
        "send_renewals": True,
        "send_zero_value": True,
        "pos": "offline",
    }
    assert reason(WORST, **everything) == "order_cancelled"
    assert reason(but(WORST, cancelled=False), **everything) == "unpaid"


def test_an_unpaid_order_waits_fourteen_days_and_then_expires_unsent():
    rule = order_rule(but(SALE, paid=False), Orders())
    assert (rule.action, rule.seconds, rule.then) == ("hold", 1_209_600, "expire")  # 14 * 24 * 3600


def test_the_wait_is_a_setting():
    assert order_rule(but(SALE, paid=False), Orders(hold_days_max=3)).seconds == 259_200  # 3 * 24 * 3600


def test_a_skipped_order_waits_for_nothing():
    rule = order_rule(but(SALE, test=True), Orders())
    assert (rule.action, rule.seconds) == ("skip", 0)


def test_cash_on_delivery_says_so():
    assert "Cash on delivery" in order_rule(but(SALE, paid=False, cod=True), Orders()).message
    assert "Cash on delivery" not in order_rule(but(SALE, paid=False), Orders()).message


def test_every_rule_says_in_words_what_it_did():
    for row in RULES:
        assert row.message.endswith(".")
        assert len(row.message) > 40


def test_the_docs_explain_every_reason_in_the_order_in_which_they_are_tried():
    tried = list(dict.fromkeys(row.reason for row in RULES))
    table = [line.split("`")[1] for line in DOCS.read_text().splitlines() if line.startswith("| `")]
    assert table == tried


def test_the_docs_name_only_settings_that_exist():
    rows = [line for line in DOCS.read_text().splitlines() if line.startswith("| `")]
    named = {line.rsplit("|", 2)[1].strip(" `").split(" ")[0] for line in rows} - {""}
    assert named == {"send_test_orders", "send_renewals", "pos", "send_zero_value", "hold_days_max"}
    assert named <= set(Orders.__struct_fields__)
