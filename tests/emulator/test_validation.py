"""Each step of the order in which a request is looked at, from outside."""

import json

import pytest

UNDER_TEST = "https://shop.example/thanks"


async def test_a_path_without_its_trailing_slash_is_not_found(tiktok):
    async with tiktok.session.post(tiktok.url + "/open_api/v1.3/event/track", json={}) as answer:
        assert (answer.status, await answer.text()) == (404, "404 page not found")


async def test_only_post_is_allowed(tiktok):
    async with tiktok.session.get(tiktok.url + "/open_api/v1.3/event/track/") as answer:
        assert answer.status == 405


async def test_another_api_version_is_refused(tiktok):
    async with tiktok.session.post(tiktok.url + "/open_api/v1.2/event/track/", json={}) as answer:
        assert (await answer.json())["code"] == 40051


@pytest.mark.parametrize(
    "path", ["v1.2/pixel/track/", "v1.1/app/batch/", "v1.2/offline/batch/", "v2.0/oauth2/access_token/"]
)
async def test_other_versions_of_paths_that_exist_are_refused_alike(tiktok, path):
    async with tiktok.session.post(f"{tiktok.url}/open_api/{path}", json={}) as answer:
        assert (answer.status, (await answer.json())["code"]) == (200, 40051)


async def test_a_path_tiktok_does_not_have_is_not_found_in_any_version(tiktok):
    async with tiktok.session.post(tiktok.url + "/open_api/v1.2/no/such/", json={}) as answer:
        assert (answer.status, await answer.text()) == (404, "404 page not found")


async def test_a_missing_token_gets_the_recorded_words(tiktok):
    status, answer = await tiktok.raw(b"{}", Access_Token="")
    assert (status, answer["code"]) == (200, 40104)
    assert (
        answer["message"] == "Access token is null, you should set it in http header with key Access-Token."
    )


async def test_a_real_looking_token_is_never_taken(tiktok, purchase):
    body = json.dumps(
        {"event_source": "web", "event_source_id": "CD9079RC77U0N3GBV16Y", "data": [purchase()]}
    )
    _, answer = await tiktok.raw(body.encode(), Access_Token="a" * 40)
    assert (answer["code"], answer["message"]) == (40105, "Access token is incorrect or has been revoked.")
    assert [row["counted"] for row in await tiktok.rows()] == [False]


async def test_authorisation_answers_can_come_with_http_401(tiktok):
    await tiktok.ask("POST", "switches", {"auth_http_401": True})
    status, answer = await tiktok.raw(b"{}", Access_Token="")
    assert (status, answer["code"]) == (401, 40104)
    status, answer = await tiktok.raw(b"{}")
    assert (status, answer["code"]) == (200, 40002)


async def test_a_source_without_permission_gets_40001_with_its_code(tiktok, purchase):
    await tiktok.ask("POST", "switches", {"denied_source_ids": ["CDENIED0000000000001"]})
    answer = await tiktok.send(purchase(), event_source_id="CDENIED0000000000001")
    assert answer["code"] == 40001
    assert answer["message"].startswith(
        "No permission to operate pixel code: CDENIED0000000000001. You must be"
    )


async def test_more_requests_in_one_second_than_allowed_get_40100(tiktok, purchase):
    await tiktok.ask("POST", "switches", {"requests_per_second_max": 2})
    codes = [(await tiktok.send(purchase(event_id=str(n))))["code"] for n in range(3)]
    await tiktok.later(1)
    codes.append((await tiktok.send(purchase(event_id="4")))["code"])
    assert codes == [0, 0, 40100, 0]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_another_content_type_is_refused(tiktok, purchase, content_type):
    body = {"event_source": "web", "event_source_id": "CD9079RC77U0N3GBV16Y", "data": [purchase()]}
    _, answer = await tiktok.raw(json.dumps(body).encode(), Content_Type=content_type)
    assert answer["code"] == 40002
    assert (await tiktok.rows())[0]["counted"] is False


async def test_a_charset_behind_the_content_type_is_fine(tiktok, purchase):
    body = {"event_source": "web", "event_source_id": "CD9079RC77U0N3GBV16Y", "data": [purchase()]}
    _, answer = await tiktok.raw(json.dumps(body).encode(), Content_Type="application/json; charset=utf-8")
    assert answer["code"] == 0


async def test_a_token_in_an_overlong_header_stays_out_of_the_log(tiktok, caplog):
    headers = {"Access-Token": "test_secret" + "x" * 8190}
    async with tiktok.session.post(tiktok.url + "/open_api/v1.3/event/track/", headers=headers) as answer:
        assert answer.status == 400
    assert "test_secret" not in caplog.text
    assert (await tiktok.raw(b"{}"))[1]["code"] == 40002


@pytest.mark.parametrize(
    ("root", "message"),
    [
        ({"event_source": None}, "Missing required field(s): event_source."),
        ({"event_source": "tv"}, "Invalid value for event_source: must be one of web, app, offline, crm."),
        ({"event_source_id": None}, "Missing required field(s): event_source_id."),
        ({"event_source_id": 7}, "Invalid value for event_source_id: not a valid string."),
        # An offline event with a pixel code as its id, recorded 2025-01-03.
        ({"event_source": "offline"}, "Invalid value for event_source_id: not a valid string."),
        ({"event_source": "app"}, "Invalid value for event_source_id: not a valid string."),
        ({"data": None}, "Missing required field(s): data."),
        ({"data": {}}, "Invalid value for data: not a valid array."),
        ({"test_event_code": 5}, "Invalid value for test_event_code: not a valid string."),
    ],
)
async def test_root_fields_are_checked_before_events(tiktok, purchase, root, message):
    answer = await tiktok.send({"event": 5}, **root) if "data" not in root else await tiktok.send(**root)
    assert (answer["code"], answer["message"]) == (40002, message)


async def test_a_thousand_events_are_taken_and_one_more_voids_the_request(tiktok, purchase):
    events = [purchase(event_id=f"e{n}") for n in range(1001)]
    assert (await tiktok.send(*events[:1000]))["code"] == 0
    refused = await tiktok.send(*events)
    assert refused["code"] == 40002
    rows = await tiktok.rows()
    assert sum(row["counted"] for row in rows) == 1000
    assert [row["code"] for row in rows[1000:]] == [40002] * 1001


async def test_no_events_at_all_get_code_0_unless_switched(tiktok):
    assert (await tiktok.send())["code"] == 0
    assert await tiktok.rows() == []
    await tiktok.ask("POST", "switches", {"empty_data_code": 40002})
    assert (await tiktok.send())["code"] == 40002


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"event": None}, "Missing required field(s): data[0].event."),
        ({"event": 5}, "Invalid value for data[0].event: not a valid string."),
        ({"event_time": None}, "Missing required field(s): data[0].event_time."),
        ({"event_time": "1763800000"}, "Invalid value for data[0].event_time: not a valid integer."),
        ({"event_time": 1763800000.5}, "Invalid value for data[0].event_time: not a valid integer."),
        ({"event_time": True}, "Invalid value for data[0].event_time: not a valid integer."),
        (
            {"event_time": 1763800000000},
            "Invalid value for data[0].event_time: not a Unix timestamp in seconds.",
        ),
        ({"event_id": 1001}, "Invalid value for event_id: not a valid string."),  # recorded 2023-03-14
        ({"user": "x"}, "Invalid value for data[0].user: not a valid object."),
        ({"user": {"ttp": 5}}, "Invalid value for data[0].user.ttp: not a valid string."),
        ({"user": {"email": [5]}}, "Invalid value for data[0].user.email[0]: not a valid string."),
        ({"page": None}, "Missing required field(s): data[0].page.url."),
        ({"page": {"url": ""}}, "Missing required field(s): data[0].page.url."),
        (
            {"properties": {"value": "46.00"}},
            "Invalid value for data[0].properties.value: not a valid number.",
        ),
        (
            {"properties": {"contents": [{"content_id": "a"}, {"content_id": 7}]}},
            "Invalid value for data[0].properties.contents[1].content_id: not a valid string.",
        ),
        (
            {"properties": {"contents": [{"price": "8"}]}},
            "Invalid value for data[0].properties.contents[0].price: not a valid number.",
        ),
        (
            {"properties": {"contents": {}}},
            "Invalid value for data[0].properties.contents: not a valid array of objects.",
        ),
        ({"limited_data_use": "yes"}, "Invalid value for data[0].limited_data_use: not a valid boolean."),
    ],
)
async def test_the_first_fault_of_an_event_is_named_with_its_path(tiktok, purchase, change, message):
    answer = await tiktok.send(purchase(**change))
    assert (answer["code"], answer["message"]) == (40002, message)


async def test_one_bad_event_voids_the_whole_request_and_is_named_by_its_position(tiktok, purchase):
    answer = await tiktok.send(purchase(event_id="a"), purchase(event_id=7), purchase(event_time=None))
    assert answer["message"] == "Invalid value for data[1].event_id: not a valid string."
    rows = await tiktok.rows()
    assert [(row["event_id"], row["code"], row["counted"]) for row in rows] == [
        ("a", 40002, False),
        (7, 40002, False),
        ("order-1", 40002, False),
    ]
    assert (await tiktok.send(purchase(event_id="a")))["code"] == 0
    assert (await tiktok.rows())[-1]["counted"] is True


async def test_offline_takes_standard_names_only(tiktok, purchase):
    offline = {"event_source": "offline", "event_source_id": "7000000000000000001"}
    assert (await tiktok.send(purchase(event="MyOwnEvent"), **offline))["code"] == 40002
    assert (await tiktok.send(purchase(event="Purchase"), **offline))["code"] == 0


@pytest.mark.parametrize(
    ("source", "field"), [("app", "data[0].app.app_id"), ("crm", "data[0].lead.lead_id")]
)
async def test_app_and_crm_events_need_their_own_id(tiktok, purchase, source, field):
    answer = await tiktok.send(purchase(), event_source=source, event_source_id="7000000000000000001")
    assert answer["message"] == f"Missing required field(s): {field}."


async def test_unknown_fields_are_accepted_silently_and_null_counts_as_absent(tiktok, purchase):
    event = purchase(user={"ttclidX": 5, "email": None}, surprise={"deep": [1]}) | {"event_id": None}
    assert (await tiktok.send(event, whatever=1))["code"] == 0


async def test_milliseconds_and_a_missing_page_pass_once_the_switches_say_so(tiktok, purchase):
    await tiktok.ask("POST", "switches", {"accept_event_time_ms": True, "require_page_url": False})
    assert (await tiktok.send(purchase(event_time=1763800000000, page=None)))["code"] == 0
    assert (await tiktok.rows())[0]["findings"] == ["event_time_in_ms event_time"]


async def test_strict_hashes_refuse_values_in_the_clear(tiktok, purchase):
    await tiktok.ask("POST", "switches", {"strict_hashes": True})
    clear = purchase(user={"email": "jane@example.com"}, event_id="clear")
    hashed = purchase(user={"email": "0" * 64}, event_id="hashed")
    assert (await tiktok.send(clear))["code"] == 40000
    mixed = await tiktok.send(hashed, clear)
    assert (mixed["code"], mixed["data"]) == (20001, {"failed_events": [{"order_in_batch": 1}]})
    assert [(row["code"], row["counted"]) for row in await tiktok.rows()] == [
        (40000, False),
        (0, True),
        (20001, False),
    ]
