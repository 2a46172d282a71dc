"""The spec's recorded answers, read by the destination they belong to.

An answer is `events` that were sent, what came back, and in `expect` what a sender has to conclude.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

import fullsignal_spec as spec
from fullsignal.config import Connection
from fullsignal.destinations import DESTINATIONS
from fullsignal.outgoing import Request, Response

ACCOUNTS = {"tiktok": {"pixel_code": "CD9079RC77U0N3GBV16Y"}}
ANSWERS = [(name, case) for name in DESTINATIONS for case in spec.answers(name)]


@pytest.mark.parametrize(("name", "case"), [pytest.param(n, c, id=f"{n}/{c['name']}") for n, c in ANSWERS])
def test_an_answer_means_what_the_spec_says(name: str, case: dict[str, Any]) -> None:
    destination = DESTINATIONS[name]
    settings = destination.settings(Connection("shop", name, name, settings=ACCOUNTS[name]))
    body = json.dumps(case["body"]) if "body" in case else case["body_text"]
    request = Request("https://example.invalid/", {}, b"{}", list(range(case["events"])))
    response = Response(case["http_status"], case["headers"], body.encode())

    answer = destination.read(request, response, settings)

    assert answer.verdict == case["expect"]["verdict"]
    assert [failed.index for failed in answer.failed] == case["expect"].get("failed", [])
    if "after_seconds" in case["expect"]:
        assert answer.after_seconds == case["expect"]["after_seconds"]


def test_every_destination_has_answers() -> None:
    assert {name for name, _ in ANSWERS} == set(DESTINATIONS)
