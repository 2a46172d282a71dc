from __future__ import annotations

import hashlib

import pytest

from .conftest import Shop


def test_the_platform_gets_the_event_with_its_code_although_the_connection_observes(bare: Shop) -> None:
    bare.init()

    said = bare.json("send-test", "--code", "TEST12345", "--email", "Me@Shop.example ")

    assert said["accepted"] is True
    assert (said["code"], said["http_status"]) == ("0", 200)
    assert len(said["request_id"]) == 34
    assert said["match_keys"] == ["email", "phone", "external_id", "ip", "user_agent"]
    assert said["look"] == f"{bare.emulator.url}/"
    (row,) = bare.arrived()
    assert row["test"] == "TEST12345"
    assert row["body"]["user"]["email"] == hashlib.sha256(b"me@shop.example").hexdigest()
    assert row["body"] == said["event"]


def test_a_person_is_shown_what_was_sent_and_where_to_look(shop: Shop) -> None:
    said = shop.run("send-test", "--code", "TEST12345", "--event", "CompletePayment", "--ttclid", "E.C.P.abc")

    assert said.exit_code == 0, said.output
    assert "sent       CompletePayment test." in said.stdout
    assert "code 0" in said.stdout
    assert "ttclid" in said.stdout
    assert "(invented where not given)" in said.stdout
    assert "look       " in said.stdout


@pytest.mark.parametrize(
    ("code", "remedy"),
    [(40001, "Admin or Operator"), (40105, "without quotes"), (40104, "empty"), (40100, "slows down")],
)
def test_a_refusal_is_told_with_its_remedy(shop: Shop, code: int, remedy: str) -> None:
    shop.fault(kind="code", code=code, count=1)

    said = shop.run("send-test", "--code", "TEST12345")

    assert said.exit_code == 1
    assert str(code) in said.stdout
    assert remedy in said.stderr


def test_nobody_there_is_told_with_its_remedy(bare: Shop) -> None:
    bare.init("--endpoint", "http://127.0.0.1:1")

    said = bare.json("send-test", "--code", "TEST12345", exit_code=1)

    assert said["accepted"] is False
    assert said["code"] == "unreachable"
    assert "firewall" in said["remedy"]


def test_a_code_is_needed(shop: Shop) -> None:
    assert shop.run("send-test").exit_code == 2


def test_an_event_that_cannot_be_taken_is_not_sent(shop: Shop) -> None:
    said = shop.run("send-test", "--code", "TEST12345", "--event", "x" * 200)

    assert said.exit_code == 2
    assert "Nothing was sent" in said.stderr
    assert shop.arrived() == []
