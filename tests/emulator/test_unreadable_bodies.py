"""Bodies that are no strict JSON object, or cannot be unpacked: refused, listed, and never in the way."""

import gzip
import io
import json

import pytest


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'"text"',
        b"{",
        b'{"data": NaN}',
        b'{"data": 1e999}',
        b"\xff{}",
        b"[" * 100_000,
        b"\xef\xbb\xbf{}",
    ],
)
async def test_a_body_that_is_no_strict_json_object_is_refused_and_listed_once(tiktok, body):
    _, answer = await tiktok.raw(body)
    assert answer["code"] == 40002
    (row,) = await tiktok.rows()
    assert (row["code"], row["event"], row["body"], row["counted"]) == (40002, None, None, False)


def nested(levels):
    """As many arrays in one another, as a value below `properties`, which is the fourth level of a body."""
    value = []
    for _ in range(levels - 1):
        value = [value]
    return value


async def test_a_hundred_levels_are_taken_listed_and_merged(tiktok, emulator, purchase):
    # root, data, event, properties, and 96 arrays
    assert (await tiktok.send(purchase(properties={"x": nested(96)})))["code"] == 0
    emulator.platform._shelf._bodies[0][0].forget()
    assert (await tiktok.send(purchase(properties={"x": nested(96), "y": 1})))["code"] == 0
    assert [row["merged"] for row in await tiktok.rows()] == [["properties.y"]] * 2


@pytest.mark.parametrize("levels", [97, 960, 965, 968, 969, 970, 971, 972, 980, 1000, 5000])
async def test_a_body_nested_deeper_is_refused_whatever_the_stack(tiktok, purchase, levels):
    text = json.dumps(purchase(properties={"x": 0})).replace('"x": 0', f'"x": {"[" * levels}{"]" * levels}')
    body = f'{{"event_source": "web", "event_source_id": "CD9079RC77U0N3GBV16Y", "data": [{text}, {text}]}}'
    for _ in range(2):
        status, answer = await tiktok.raw(body.encode())
        assert (status, answer["code"]) == (200, 40002)
        assert "nested more than 100 levels deep" in answer["message"]
    assert [row["body"] for row in await tiktok.rows()] == [None, None]


async def test_brackets_inside_strings_are_no_levels(tiktok, purchase):
    words = {"a": "[" * 500, "b": '{"' * 500, "c": "\\", "d": "[" * 500, '"]{': ']"\\' * 500}
    assert (await tiktok.send(purchase(properties=words)))["code"] == 0
    assert (await tiktok.send(purchase(properties=words | {"x": nested(97)})))["code"] == 40002


@pytest.mark.parametrize("number", ["9" * 5000, "-" + "9" * 5000, "9" * 5000 + ".5e999", "1e999"])
async def test_a_number_too_large_is_refused_in_words_about_the_number(tiktok, number):
    _, answer = await tiktok.raw(f'{{"data": [{{"event_time": {number}}}]}}'.encode())
    assert answer["code"] == 40002
    assert "a number " in answer["message"]
    assert "sys." not in answer["message"]
    assert len(answer["message"]) < 200


async def test_bytes_that_are_no_text_are_named_by_their_place(tiktok):
    _, answer = await tiktok.raw(b'{"a": "\xff"}')
    assert answer["message"] == "The request body is not a valid JSON object: not UTF-8 at byte 7."


async def test_gzip_is_refused_until_the_switch_allows_it(tiktok, purchase):
    body = {"event_source": "web", "event_source_id": "CD9079RC77U0N3GBV16Y", "data": [purchase()]}
    packed = gzip.compress(json.dumps(body).encode())
    _, refused = await tiktok.raw(packed, Content_Encoding="gzip")
    await tiktok.ask("POST", "switches", {"accept_gzip": True})
    _, taken = await tiktok.raw(packed, Content_Encoding="gzip")
    _, broken = await tiktok.raw(b"not gzip", Content_Encoding="gzip")
    assert (refused["code"], taken["code"], broken["code"]) == (40002, 0, 40002)


@pytest.mark.parametrize(
    ("packed", "why"),
    [
        (gzip.compress(b" " * (20 * 1024 * 1024 + 1), mtime=0), "more than 20,971,520 bytes once unpacked"),
        (gzip.compress(b"{}" * 1000, mtime=0)[:-9], "the gzip data is cut off"),
        (b"not gzip", "its Content-Encoding is gzip, its bytes are not"),
    ],
)
async def test_gzip_that_cannot_be_unpacked_is_refused_with_the_reason(tiktok, packed, why):
    await tiktok.ask("POST", "switches", {"accept_gzip": True})
    _, answer = await tiktok.raw(packed, Content_Encoding="gzip")
    assert answer["code"] == 40002
    assert answer["message"] == f"The request body is not a valid JSON object: {why}."


async def test_a_body_larger_than_the_cap_gets_413(tiktok):
    headers = {"Access-Token": "test_x", "Content-Type": "application/json"}
    url = tiktok.url + "/open_api/v1.3/event/track/"
    async with tiktok.session.post(
        url, data=io.BytesIO(b" " * (20 * 1024 * 1024 + 1)), headers=headers
    ) as answer:
        assert answer.status == 413
