"""What TikTok says and what we conclude. The recorded answers are in tests/test_vectors.py."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from fullsignal.destinations import tiktok
from fullsignal.outgoing import Answer, Failed, Request, Response

Account = Callable[..., tiktok.Settings]
THREE = Request("https://business-api.tiktok.com/", {}, b"{}", [11, 12, 13])


@pytest.fixture
def read(account: Account) -> Callable[..., Answer]:
    settings = account()

    def said(body: Any = None, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return tiktok.read(THREE, Response(status, headers or {}, raw), settings)

    return said


Read = Callable[..., Answer]


def test_only_the_integer_zero_in_a_2xx_is_success(read: Read) -> None:
    assert read({"code": 0, "message": "OK", "request_id": "2025A", "data": {}}) == Answer(
        "accepted", "0", "OK", "2025A"
    )
    assert read({"code": 0}, 201).verdict == "accepted"
    for not_zero in ("0", 0.0, False, None, [0], {}):
        assert read({"code": not_zero}).verdict == "ambiguous"
    assert read({"message": "OK"}).verdict == "ambiguous"
    for status in (100, 302, 400, 429, 500):
        assert read({"code": 0}, status).verdict == "ambiguous"


def test_zero_that_names_failed_events_is_believed_about_them(read: Read) -> None:
    answer = read({"code": 0, "data": {"failed_events": [{"order_in_batch": 1}]}})

    assert (answer.verdict, [f.index for f in answer.failed]) == ("per_event", [1])
    assert read({"code": 0, "data": {"failed_events": "some"}}).verdict == "ambiguous"
    assert read({"code": 0, "data": {"failed_events": []}}).verdict == "accepted"


def test_partial_success_names_the_failed_by_index(read: Read) -> None:
    listed = [{"order_in_batch": 2}, {"order_in_batch": 0}, {"order_in_batch": 2}]
    answer = read({"code": 20001, "message": "unhashed", "data": {"failed_events": listed}})

    assert answer.verdict == "per_event"
    assert answer.failed == (Failed(0, "20001", "unhashed"), Failed(2, "20001", "unhashed"))


@pytest.mark.parametrize("index", [-1, 3, True, 1.0, "1", None])
def test_one_unusable_index_makes_the_whole_list_unusable(read: Read, index: Any) -> None:
    listed = [{"order_in_batch": 0}, {"order_in_batch": index}]

    answer = read({"code": 20001, "data": {"failed_events": listed}})
    assert (answer.verdict, answer.failed) == ("ambiguous", ())


@pytest.mark.parametrize(
    ("code", "verdict", "reason"),
    [
        (40000, "bisect", ""),
        (40001, "pause", "permission"),
        (40002, "bisect", ""),
        (40003, "pause", "permission"),
        (40006, "pause", "settings"),
        (40016, "throttled", ""),
        (40050, "ambiguous", ""),
        (40051, "pause", "settings"),
        (40063, "pause", "settings"),
        (40100, "throttled", ""),
        (40101, "pause", "auth"),
        (40105, "pause", "auth"),
        (40113, "pause", "permission"),
        (40114, "pause", "auth"),
        (40119, "pause", "permission"),
        (40120, "ambiguous", ""),
        (40130, "pause", "permission"),
        (40131, "pause", "permission"),
        (40132, "throttled", ""),
        (40133, "throttled", ""),
        (40201, "retry", ""),
        (40300, "pause", "permission"),
        (40400, "pause", "settings"),
        (41001, "pause", "settings"),
        (49999, "ambiguous", ""),
        (50000, "retry", ""),
        (59999, "retry", ""),
        (60001, "retry", ""),
        (70000, "ambiguous", ""),
        (1, "ambiguous", ""),
        (-1, "ambiguous", ""),
    ],
)
@pytest.mark.parametrize("status", [200, 401, 500])
def test_the_code_decides_whatever_the_http_status_is(
    read: Read, code: int, verdict: str, reason: str, status: int
) -> None:
    answer = read({"code": code, "message": "x"}, status)

    assert (answer.verdict, answer.reason, answer.code) == (verdict, reason, str(code))


@pytest.mark.parametrize(
    ("message", "verdict"),
    [
        # seen
        ("Invalid value for event_source_id: not a valid string.", "pause"),
        ("Missing required field(s): event_source.", "pause"),
        ("Invalid value for event_id: not a valid string.", "bisect"),
        ("Batch.0.properties.contents.0.content_id: Not a valid string", "bisect"),
        # not seen, but likely
        ("The test_event_code has expired", "pause"),
        ("partner_name: too long", "pause"),
        ("data[3].page.url: Missing data for required field.", "bisect"),
        ("data.3.event_time is too old", "bisect"),
        ("Too many events in data", "bisect"),
        # an event that quotes a root field does not stop the others
        ("data[0].event: 'event_source_id' is not allowed", "bisect"),
        ("Invalid value for event: event_source", "bisect"),
        ("Invalid value for properties.x: partner_name", "bisect"),
        ("", "bisect"),
    ],
)
def test_a_40002_about_the_root_is_the_settings_fault(read: Read, message: str, verdict: str) -> None:
    assert read({"code": 40002, "message": message}).verdict == verdict


@pytest.mark.parametrize(
    ("status", "verdict", "reason"),
    [
        (200, "ambiguous", ""),
        (204, "ambiguous", ""),
        (301, "pause", "settings"),
        (307, "pause", "settings"),
        (400, "ambiguous", ""),
        (401, "pause", "auth"),
        (403, "pause", "permission"),
        (404, "pause", "settings"),
        (408, "retry", ""),
        (413, "bisect", ""),
        (429, "throttled", ""),
        (500, "ambiguous", ""),
        (502, "ambiguous", ""),
        (503, "retry", ""),
        (504, "ambiguous", ""),
        (599, "ambiguous", ""),
    ],
)
@pytest.mark.parametrize(
    "body", [b"", b"<html>code 0</html>", b'{"code":0', b"[0]", b"\xff\xfe", b'{"ok":true}']
)
def test_without_an_envelope_the_http_status_decides(
    read: Read, body: bytes, status: int, verdict: str, reason: str
) -> None:
    answer = read(body, status)

    assert (answer.verdict, answer.reason, answer.code) == (verdict, reason, f"http_{status}")


def test_no_answer_is_ambiguous_only_if_the_request_may_have_arrived(account: Account) -> None:
    arrived = tiktok.read(THREE, Response(error="timeout"), account())
    refused = tiktok.read(THREE, Response(error="Cannot connect to host", reached=False), account())

    assert (arrived.verdict, arrived.code) == ("ambiguous", "timeout")
    assert (refused.verdict, refused.code, refused.message) == (
        "retry",
        "unreachable",
        "Cannot connect to host",
    )
    # A status that never came cannot have had a body.
    assert tiktok.read(THREE, Response(0, {}, b'{"code":0}'), account()).verdict == "ambiguous"


@pytest.mark.parametrize(
    ("message", "seconds"),
    [
        ("App reaches the QPS limit.", 1),
        ("Too many requests. Please retry in some time.", 1),
        ("The request QPS is limited by pixel_code's value.", 1),
        ("App reaches the QPM limit.", 300),
        ("Too many requests per minute", 300),
        ("App reaches the QPD limit.", 3600),
        ("Daily quota used up", 3600),
    ],
)
def test_a_throttle_waits_as_long_as_its_quota_lasts(read: Read, message: str, seconds: float) -> None:
    assert read({"code": 40100, "message": message}).after_seconds == seconds


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        ("0", 0),
        ("86400", 3600),
        ("999999999999", 3600),
        ("Sat, 22 Nov 2025 10:02:00 GMT", 120),  # two minutes after Date
        ("Sat, 22 Nov 2025 09:00:00 GMT", 0),
        ("Sat, 22 Nov 2035 10:02:00 GMT", 3600),
        ("-5", None),
        ("soon", None),
        ("1e3", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_never_above_an_hour(
    read: Read, header: str, seconds: float | None
) -> None:
    headers = {"RETRY-AFTER": header, "date": "Sat, 22 Nov 2025 10:00:00 GMT"}

    assert read(b"", 503, headers).after_seconds == seconds
    assert read(b"", 429, headers).after_seconds == (1 if seconds is None else seconds)
    assert read({"code": 60001}, 200, headers).after_seconds == seconds
    assert read({"code": 0}, 200, headers).after_seconds is None
    if not header.isdigit():  # a date without the answer's own clock says nothing
        assert read(b"", 503, {"Retry-After": header}).after_seconds is None


def test_the_request_id_comes_from_the_body_or_the_header(read: Read) -> None:
    logged = {"X-TT-LOGID": "202611201142005F0C3A9B7D1E2468AC60"}

    assert read({"code": 0, "request_id": "2025A"}, 200, logged).request_id == "2025A"
    assert read({"code": 0}, 200, logged).request_id == "202611201142005F0C3A9B7D1E2468AC60"
    assert read(b"", 502, logged).request_id == "202611201142005F0C3A9B7D1E2468AC60"
    for odd in (5, "jane@example.com", "a b", "x" * 101):
        assert read({"code": 0, "request_id": odd}).request_id == ""


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            "data[1].user.email: jane.doe@example.com is not hashed",
            "data[1].user.email: <email> is not hashed",
        ),
        ("phone +1 (202) 555-0143 is not hashed", "phone <phone> is not hashed"),
        ("phone 12025550143.", "phone <phone>."),
        (
            "external_id 8c87b489ce35cf2e2f39f80e282cb2e804932a56a213983eeeb428407d43b52d",
            "external_id <hash>",
        ),
        ("token 0123456789abcdef0123456789abcdef01234567", "token <hash>"),
        ("page.url https://shop.example/?email=x was refused", "page.url <url> was refused"),
        ("ttclid E.C.P.v3fQ0-x_y is unknown", "ttclid <click id> is unknown"),
        ("ip 203.0.113.9, ip 2001:db8::1:2", "ip <ip>, ip <ip>"),
        ("one\r\ntwo\x00\x1b[31m", "one two [31m"),
        # what an operator needs stays
        (
            "Batch.0.properties.contents.0.content_id: Not a valid string",
            "Batch.0.properties.contents.0.content_id: Not a valid string",
        ),
        (
            "Advertiser (7000000000000000001)'s QPS (23) reaches QPS limit 20 for current path",
            "Advertiser (7000000000000000001)'s QPS (23) reaches QPS limit 20 for current path",
        ),
        (
            "No permission to operate pixel code: CD9079RC77U0N3GBV16Y. You must be an admin",
            "No permission to operate pixel code: CD9079RC77U0N3GBV16Y. You must be an admin",
        ),
    ],
)
def test_a_message_is_shown_without_what_could_name_a_person(read: Read, said: str, shown: str) -> None:
    assert read({"code": 40000, "message": said}).message == shown


def test_a_message_is_short_and_text(read: Read) -> None:
    assert len(read({"code": 40000, "message": "é" * 100_000}).message) == 500
    for odd in (None, 5, ["x"], {"x": 1}):
        assert read({"code": 40000, "message": odd}).message == ""


def test_a_probe_is_read_like_any_request(account: Account) -> None:
    """`data: []`: accepted and bisect mean that token and source are good, pause that they are not."""
    settings = account()
    probe = tiktok.probe(settings, "test_token")

    def verdict(code: int, message: str) -> str:
        body = json.dumps({"code": code, "message": message}).encode()
        return tiktok.read(probe, Response(200, {}, body), settings).verdict

    assert probe.seqs == []
    assert json.loads(probe.body) == {
        "event_source": "web",
        "event_source_id": "CD9079RC77U0N3GBV16Y",
        "data": [],
    }
    assert verdict(0, "OK") == "accepted"
    assert verdict(40002, "data: must have between 1 and 1000 events") == "bisect"
    assert verdict(40105, "Access token is incorrect or has been revoked.") == "pause"
