"""Numbers per event type, worked out by hand."""

import hashlib

import pytest

NOW = 1_763_800_000
HOUR, DAY = 3600, 86_400


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


async def kinds(tiktok):
    return {kind["event"]: kind for kind in (await tiktok.ask("GET", "report"))["event_types"]}


async def diagnoses(tiktok):
    return {(d["code"], d["field"]) for d in (await tiktok.ask("GET", "report"))["diagnostics"]}


def seen_by_pixel(event, event_id, **user):
    return {
        "event": event,
        "event_id": event_id,
        "timestamp": "2025-11-22T08:25:40Z",
        "context": {"pixel": {"code": "CD9079RC77U0N3GBV16Y"}, "user": user},
        "properties": {"value": 10, "currency": "USD", "content_ids": ["sku-1"]},
    }


async def test_copies_are_received_but_counted_once(tiktok, purchase):
    await tiktok.pixel(seen_by_pixel("Purchase", "1"))
    await tiktok.send(purchase(event_id="1"), purchase(event_id="2"))
    await tiktok.send(purchase(event_id="2"))
    kind = (await kinds(tiktok))["Purchase"]
    assert (kind["received"], kind["browser"], kind["server"]) == (4, 1, 3)
    assert (kind["counted"], kind["deduplicated"], kind["browser_and_server"]) == (2, 2, 1)
    assert kind["value"] == {"USD": 56.0}  # 10 from the pixel, whose copy came first, and 46
    assert kind["connection_method"] == "server & browser"


async def test_renamed_events_are_shown_under_their_new_name(tiktok, purchase):
    await tiktok.send(purchase(event="CompletePayment"), purchase(event="MyOwnEvent"))
    found = await kinds(tiktok)
    assert found["Purchase"]["names"]["server"] == ["CompletePayment"]
    assert (found["Purchase"]["custom"], found["MyOwnEvent"]["custom"]) == (False, True)


async def test_an_event_type_is_active_for_seven_days(tiktok, purchase):
    await tiktok.send(purchase())
    await tiktok.later(7 * DAY)
    assert (await kinds(tiktok))["Purchase"]["status"] == "Active"
    await tiktok.later(1)
    assert (await kinds(tiktok))["Purchase"]["status"] == "No recent activity"


async def test_coverage_and_score_count_valid_keys_only(tiktok, purchase):
    full = {"email": digest("a@example.com"), "ttclid": "E.C.P.x", "ip": "203.0.113.9", "user_agent": "UA"}
    await tiktok.send(
        purchase(event_id="1", user=full),
        purchase(event_id="2", user=full | {"email": "a@example.com"}),
        purchase(event_id="3", user={"email": digest("")}),
        purchase(event_id="4", user=None),
    )
    kind = (await kinds(tiktok))["Purchase"]
    assert kind["match_keys"]["email"] == {"present": 3, "valid": 1, "coverage": 0.25}
    assert kind["match_keys"]["ttclid"] == {"present": 2, "valid": 2, "coverage": 0.5}
    # 10 * (.25*.5 + .2*.25 + .075*.5 + .075*.5)
    assert kind["emq"] == 2.5
    assert "invented" in (await tiktok.ask("GET", "report"))["emq_note"]


async def test_attributed_events_are_counted_by_kind_of_touch(tiktok, purchase):
    await tiktok.ask("POST", "people", {"email": "a@example.com", "clicks": [{"at": NOW - HOUR}]})
    await tiktok.ask("POST", "people", {"email": "b@example.com", "views": [{"at": NOW - HOUR}]})
    await tiktok.ask("POST", "people", {"email": "c@example.com"})
    await tiktok.send(*[purchase(event_id=n, user={"email": digest(f"{n}@example.com")}) for n in "abcd"])
    report = await tiktok.ask("GET", "report")
    kind = report["event_types"][0]
    assert (kind["matched"], kind["attributed"]) == (3, {"click": 1, "view": 1})
    assert (kind["value"], kind["attributed_value"]) == ({"USD": 184.0}, {"USD": 92.0})
    assert (report["events"]["matched"], report["events"]["attributed"]) == (3, 2)


async def test_requests_are_counted_by_code_and_by_fault(tiktok, purchase):
    await tiktok.send(purchase())
    await tiktok.send(purchase(event_id=5))
    await tiktok.ask("POST", "faults", {"kind": "code", "code": 50000})
    await tiktok.send(purchase())
    requests = (await tiktok.ask("GET", "report"))["requests"]
    assert requests["by_code"] == {"0": 1, "40002": 1, "50000": 1}
    assert (requests["answered"], requests["by_fault"]) == (3, {"code": 1})


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"user": {"email": "a@example.com"}}, "hash_missing", "user.email"),
        ({"user": {"phone": digest("x").upper()}}, "hash_upper_case", "user.phone"),
        ({"user": {"zip_code": "95110"}}, "hash_missing", "user.zip_code"),
        ({"user": {"email": digest("")}}, "hash_of_nothing", "user.email"),
        ({"user": {"phone": digest("+")}}, "hash_of_nothing", "user.phone"),
        ({"user": {"external_id": digest("undefined")}}, "hash_of_nothing", "user.external_id"),
        ({"user": {"email": digest(digest("jane@example.com"))}}, "hash_twice", "user.email"),
        ({"user": {"phone": digest("12025550143")}}, "hash_of_wrong_text", "user.phone"),
        ({"user": {"email": digest("JANE@EXAMPLE.COM")}}, "hash_of_wrong_text", "user.email"),
        ({"user": {"ttp": digest("x")}}, "hashed_by_mistake", "user.ttp"),
        ({"user": {"ttclid": "E" * 1001}}, "ttclid_too_long", "user.ttclid"),
        ({"user": {"ip": "10.0.0.1"}}, "ip_private", "user.ip"),
        ({"user": {"ip": "localhost"}}, "ip_invalid", "user.ip"),
        ({"event_time": NOW + 601}, "event_time_ahead", "event_time"),
        ({"event_time": NOW - 28 * DAY - 1}, "event_time_old", "event_time"),
        ({"properties": {"value": 1, "currency": "XXX"}}, "currency_unknown", "properties.currency"),
        ({"properties": {"value": 1}}, "currency_missing", "properties.currency"),
        ({"properties": None}, "value_missing", "properties.value"),
        ({"properties": {"value": 0, "currency": "USD"}}, "value_not_positive", "properties.value"),
        ({"properties": {"value": 1, "currency": "USD"}}, "content_id_missing", "properties.contents"),
        ({"event": "x" * 51}, "event_name_invalid", "event"),
        ({"event": "addtocart"}, "event_name_case", "event"),
        ({"event": "COMPLETEPAYMENT"}, "event_name_case", "event"),
        ({"event": "  "}, "event_name_blank", "event"),
        ({"event": "Pregnancy test bought"}, "prohibited_words", "event"),
        ({"page": {"url": "https://shop.example/hiv-test"}}, "prohibited_words", "page.url"),
        ({"user": None, "limited_data_use": True}, "limited_data_use_without_ip", "user.ip"),
    ],
)
async def test_an_accepted_event_is_diagnosed_on_its_row_and_in_the_report(
    tiktok, purchase, change, code, field
):
    await tiktok.ask("POST", "people", {"email": "jane@example.com", "phone": "+12025550143"})
    assert (await tiktok.send(purchase(**change)))["code"] == 0
    assert f"{code} {field}" in (await tiktok.rows())[0]["findings"]
    assert (code, field) in await diagnoses(tiktok)


async def test_a_sound_event_has_no_findings(tiktok, purchase):
    await tiktok.send(purchase())
    assert (await tiktok.rows())[0]["findings"] == []
    assert await diagnoses(tiktok) == set()


@pytest.mark.parametrize("name", ["CompletePayment", "Pageview", "PageView", "LaunchAPP", "MyOwnEvent"])
async def test_a_name_as_tiktok_spells_it_or_of_ones_own_is_not_questioned(tiktok, purchase, name):
    await tiktok.send(purchase(event=name))
    assert (await tiktok.rows())[0]["findings"] == []


async def test_diagnoses_name_fields_and_never_show_values(tiktok, purchase):
    await tiktok.send(purchase(user={"email": "jane.secret@example.com"}))
    assert "jane.secret" not in str(await tiktok.ask("GET", "report"))


async def test_a_finding_is_active_for_24_hours(tiktok, purchase):
    await tiktok.send(purchase(properties={"value": 1}))
    await tiktok.later(DAY + 1)
    assert {d["active"] for d in (await tiktok.ask("GET", "report"))["diagnostics"]} == {False}


async def test_both_channels_and_a_missing_event_id_are_diagnosed(tiktok, purchase):
    await tiktok.pixel(seen_by_pixel("Purchase", ""))
    await tiktok.send(purchase())
    assert ("event_id_missing", "event_id") in await diagnoses(tiktok)


async def test_both_channels_with_ids_that_never_meet_are_diagnosed(tiktok, purchase):
    for n in range(10):
        await tiktok.pixel(seen_by_pixel("Purchase", f"browser-{n}"))
        await tiktok.send(purchase(event_id=f"server-{n}"))
    assert ("event_id_mismatch", "event_id") in await diagnoses(tiktok)


async def test_different_names_for_one_event_on_the_two_channels_are_diagnosed(tiktok, purchase):
    await tiktok.pixel(seen_by_pixel("CompletePayment", "1"))
    await tiktok.send(purchase(event_id="1"))
    assert ("names_differ", "event") in await diagnoses(tiktok)
    assert [row["counted"] for row in await tiktok.rows()] == [True, True]


async def test_low_coverage_is_diagnosed_from_ten_events_on(tiktok, purchase):
    await tiktok.send(*[purchase(event_id=str(n)) for n in range(9)])
    assert await diagnoses(tiktok) == set()
    await tiktok.send(purchase(event_id="9"))
    assert ("low_coverage", "user.email") in await diagnoses(tiktok)
