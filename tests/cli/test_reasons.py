"""Every reason that the code can produce is explained: looked for in the code itself, not in a list."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest

import fullsignal
from fullsignal import reasons
from fullsignal.destinations.tiktok import event, tables
from fullsignal.outgoing import Skip
from fullsignal.sources.order_rules import RULES
from fullsignal_spec import rows

SOURCE = Path(fullsignal.__file__).parent
TELLS = {"cli", "demo", "bulk", "reconcile"}  # they have words for outcomes, and end nothing
ENDINGS = {"skipped", "suppressed", "expired", "refused", "held", "dead"}


def trees() -> Iterator[ast.AST]:
    for path in SOURCE.rglob("*.py"):
        if not TELLS & set(path.parts) and not path.name.startswith("reasons"):
            yield ast.parse(path.read_text(encoding="utf-8"))


def constant(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def produced() -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                found |= _of_call(node)
            # (seq, "dead", "corrupt", ...) and books.except_(*(link, seq, "held", "replay", now))
            parts = (
                node.elts if isinstance(node, ast.Tuple) else node.args if isinstance(node, ast.Call) else []
            )
            for state, reason in pairwise(parts):
                if constant(state) in ENDINGS and (constant(reason) or "") not in {"", *ENDINGS}:
                    found.add((str(constant(state)), str(constant(reason))))
    return found


def _of_call(node: ast.Call) -> set[tuple[str, str]]:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    named = {word.arg: constant(word.value) for word in node.keywords}
    if name == "Skip" and node.args and (reason := constant(node.args[0])):
        state = named.get("state") or (constant(node.args[2]) if len(node.args) > 2 else None) or "skipped"
        return {(state, reason)}
    if name == "Step" and named.get("state") and named.get("reason"):
        return {(str(named["state"]), str(named["reason"]))}
    return set()


def test_the_search_finds_what_is_known_to_be_there() -> None:
    found = produced()

    assert found >= {
        *(("skipped", "observe"), ("suppressed", "consent"), ("expired", "too_old"), ("dead", "corrupt")),
        *(("dead", "ambiguous_expired"), ("dead", "unrecognised"), ("held", "merge"), ("held", "confirm")),
        *(("held", "consent"), ("held", "replay"), ("expired", "hold_ended"), ("refused", "event_too_large")),
    }


def test_every_reason_in_the_code_has_a_row() -> None:
    assert produced() - reasons.REASONS.keys() == set()


def test_every_order_rule_has_a_row() -> None:
    states = {"hold": "held", "skip": "skipped"}

    assert {(states[rule.action], rule.reason) for rule in RULES} - reasons.REASONS.keys() == set()


def test_every_thing_that_a_channel_needs_has_a_row() -> None:
    needed = {("skipped", reason) for rows in event._NEEDED.values() for reason, _, _ in rows}

    assert needed - reasons.REASONS.keys() == set()


def test_every_pause_has_a_row() -> None:
    asked = {m.reason for m in (*tables.CODES.values(), *tables.HTTP.values()) if m.verdict == "pause"}

    assert (asked | {"refusing_everything"}) - reasons.PAUSED.keys() == set()


def test_every_state_has_a_row() -> None:
    seen = {"delivered", "pending", "sending", "retrying", "merged", "duplicate", "dead"}

    assert seen | ENDINGS == reasons.STATES.keys()


def test_every_code_of_the_platform_has_a_row() -> None:
    known = set(tables.CODES) | {row["code"] for row in rows("tiktok", "codes")}

    for code in sorted(known):
        told = reasons.answered("tiktok", str(code))
        assert told is not reasons._UNKNOWN, code
        assert told.remedy or code == 0


def test_every_word_of_the_sender_has_a_row() -> None:
    text = (SOURCE / "delivery" / "send.py").read_text()

    assert set(re.findall(r'error="([a-z_]+)"', text)) - reasons.ON_THE_WAY.keys() == set()


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ({"state": "delivered", "reason": None, "code": "0"}, "took it"),
        ({"state": "refused", "reason": "40002", "code": "40002"}, "parameter"),
        ({"state": "retrying", "reason": None, "code": "50000"}, "fault of its own"),
        ({"state": "retrying", "reason": None, "code": "http_502"}, "not the platform itself"),
        ({"state": "retrying", "reason": "paused_auth", "code": "40105"}, "access token"),
        ({"state": "pending", "reason": "paused_settings", "code": None}, "account or the address"),
        ({"state": "retrying", "reason": None, "code": "timeout"}, "in time"),
        ({"state": "retrying", "reason": None, "code": "12345"}, "not documented"),
    ],
)
def test_an_outcome_is_told_by_what_says_most(found: dict[str, str | None], says: str) -> None:
    assert says in reasons.outcome(found, "tiktok").sentence


def test_skip_knows_no_state_that_has_no_row() -> None:
    annotation = Skip.__annotations__["state"]
    states = set(
        get_args(eval(annotation, vars(__import__("typing")))) if isinstance(annotation, str) else ()
    )

    assert states
    assert states - reasons.STATES.keys() == set()
