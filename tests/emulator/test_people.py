"""Matching and attribution. Every digest is made here, with hashlib, from the clean text."""

import hashlib

import pytest

NOW = 1_763_800_000
DAY = 86_400
MOBILE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


JANE = {
    "id": "jane",
    "email": "Jane.Roe@Example.com",
    "phone": "+12025550143",
    "external_id": "C-17",
    "ttp": "2F7h37YkS1j57AYSKTI7IHhJPYH",
    "ip": "203.0.113.9",
    "user_agent": MOBILE,
    "clicks": [{"ttclid": "E.C.P.jane-click", "at": NOW - 3 * DAY, "ad_id": "ad-1"}],
}


@pytest.fixture
async def jane(tiktok):
    await tiktok.ask("POST", "people", JANE)


@pytest.mark.parametrize(
    ("user", "matched"),
    [
        ({"ttclid": "E.C.P.jane-click"}, ["ttclid"]),
        ({"email": digest("jane.roe@example.com")}, ["email"]),
        ({"email": ["0" * 64, digest("jane.roe@example.com")]}, ["email"]),
        ({"phone": digest("+12025550143")}, ["phone"]),
        ({"external_id": digest("C-17")}, ["external_id"]),
        ({"ttp": "2F7h37YkS1j57AYSKTI7IHhJPYH"}, ["ttp"]),
        ({"ip": "203.0.113.9", "user_agent": MOBILE}, ["ip+user_agent"]),
        (
            {"phone": digest("+12025550143"), "ttclid": "E.C.P.jane-click"},
            ["ttclid", "phone"],
        ),
        ({"email": digest("Jane.Roe@Example.com")}, []),
        ({"phone": digest("12025550143")}, []),
        ({"external_id": digest("c-17")}, []),
        ({"ip": "203.0.113.9", "user_agent": "another"}, []),
        ({"email": digest("jane.roe@example.com").upper()}, []),
    ],
)
async def test_a_person_is_found_by_each_key_in_its_documented_form_only(
    tiktok, purchase, jane, user, matched
):
    await tiktok.send(purchase(user=user))
    (row,) = await tiktok.rows()
    assert (row["matched"], row["person"]) == (matched, "jane" if matched else None)


async def test_the_click_id_is_also_read_out_of_the_page_address(tiktok, purchase, jane):
    page = {"url": "https://shop.example/thanks?utm=1&ttclid=E.C.P.jane-click#top"}
    await tiktok.send(purchase(user=None, page=page))
    assert (await tiktok.rows())[0]["matched"] == ["ttclid"]


async def test_keys_that_point_to_somebody_else_are_not_listed(tiktok, purchase, jane):
    await tiktok.ask("POST", "people", {"id": "john", "email": "john@example.com"})
    user = {"email": digest("jane.roe@example.com"), "phone": digest("+12025550143")}
    await tiktok.send(purchase(user=user | {"email": digest("john@example.com")}))
    (row,) = await tiktok.rows()
    assert (row["person"], row["matched"]) == ("john", ["email"])


async def test_denied_tracking_keeps_identity_out_of_matching(tiktok, purchase, jane):
    app = {"app_id": "123456789"}
    user = {"email": digest("jane.roe@example.com"), "att_status": "DENIED"}
    await tiktok.send(purchase(user=user, app=app), event_source="app", event_source_id="7000000000000000004")
    assert (await tiktok.rows())[0]["matched"] == []


async def test_a_match_teaches_the_graph_new_keys_of_the_person(tiktok, purchase, jane):
    email = digest("jane.roe@example.com")
    await tiktok.send(purchase(user={"email": email, "external_id": digest("new-id"), "ttp": "another-ttp"}))
    await tiktok.send(purchase(event_id="2", user={"external_id": digest("new-id")}))
    await tiktok.send(purchase(event_id="3", user={"ttp": "another-ttp"}))
    assert [row["person"] for row in await tiktok.rows()] == ["jane"] * 3
    person = await tiktok.ask("GET", "people/jane")
    assert person["learned"] == {"external_id": [digest("new-id")], "ttp": ["another-ttp"]}
    assert person["confirmed"] == 3


async def test_an_address_and_a_browser_alone_teach_nothing(tiktok, purchase, jane):
    household = {"ip": "203.0.113.9", "user_agent": MOBILE}
    await tiktok.send(purchase(user=household | {"ttp": "a-visitor"}))
    await tiktok.send(purchase(event_id="2", user={"ttp": "a-visitor"}))
    assert [row["matched"] for row in await tiktok.rows()] == [["ip+user_agent"], []]


async def test_a_person_shows_clean_data_ads_and_matched_conversions(tiktok, purchase, jane):
    await tiktok.send(purchase(user={"phone": digest("+12025550143")}))
    person = await tiktok.ask("GET", "people/jane")
    assert person["email"] == ["Jane.Roe@Example.com"]
    assert person["clicks"] == [{"at": NOW - 3 * DAY, "ad_id": "ad-1", "ttclid": "E.C.P.jane-click"}]
    (conversion,) = person["conversions"]
    assert (conversion["event"], conversion["event_id"], conversion["matched"]) == (
        "Purchase",
        "order-1",
        ["phone"],
    )
    assert conversion["attributed_to"]["ad_id"] == "ad-1"


async def test_duplicates_test_events_and_refused_events_are_no_conversions(tiktok, purchase, jane):
    event = purchase(user={"phone": digest("+12025550143")})
    await tiktok.send(event, event)
    await tiktok.send(event | {"event_id": "2"}, test_event_code="TEST1")
    await tiktok.send(event | {"event_id": 3})
    assert len((await tiktok.ask("GET", "people/jane"))["conversions"]) == 1


@pytest.mark.parametrize(
    ("touches", "credited"),
    [
        ({"clicks": [{"at": NOW - 6 * DAY, "ad_id": "c"}]}, ("click", "c")),
        ({"clicks": [{"at": NOW - 8 * DAY, "ad_id": "c"}]}, None),
        ({"views": [{"at": NOW - 3600, "ad_id": "v"}]}, ("view", "v")),
        ({"views": [{"at": NOW - 2 * DAY, "ad_id": "v"}]}, None),
        (
            {"clicks": [{"at": NOW - 6 * DAY, "ad_id": "c"}], "views": [{"at": NOW - 3600, "ad_id": "v"}]},
            ("click", "c"),
        ),
        (
            {"clicks": [{"at": NOW - 6 * DAY, "ad_id": "old"}, {"at": NOW - DAY, "ad_id": "new"}]},
            ("click", "new"),
        ),
        ({"clicks": [{"at": NOW + 10, "ad_id": "after"}]}, None),
    ],
)
async def test_credit_goes_to_the_last_click_else_the_last_view_inside_the_window(
    tiktok, purchase, touches, credited
):
    await tiktok.ask("POST", "people", {"email": "jane.roe@example.com", **touches})
    await tiktok.send(purchase(event_time=NOW, user={"email": digest("jane.roe@example.com")}))
    to = (await tiktok.rows())[0]["attributed_to"]
    assert (to and (to["kind"], to["ad_id"])) == credited


async def test_attribution_runs_on_event_time_and_its_windows_can_be_set(tiktok, purchase, jane):
    user = {"email": digest("jane.roe@example.com")}
    await tiktok.later(20 * DAY)
    await tiktok.send(purchase(event_id="1", event_time=NOW, user=user))
    await tiktok.send(purchase(event_id="2", event_time=NOW + 20 * DAY, user=user))
    await tiktok.ask("POST", "switches", {"click_window_days": 28})
    await tiktok.send(purchase(event_id="3", event_time=NOW + 20 * DAY, user=user))
    assert [bool(row["attributed_to"]) for row in await tiktok.rows()] == [True, False, True]


async def test_an_ad_interaction_can_be_added_and_a_click_gets_its_id(tiktok, purchase, jane):
    person = await tiktok.ask("POST", "ads", {"person": "jane", "kind": "click", "at": NOW - 100})
    ttclid = person["clicks"][-1]["ttclid"]
    assert ttclid.startswith("E.C.P.")
    await tiktok.send(purchase(user={"ttclid": ttclid}))
    (row,) = await tiktok.rows()
    assert (row["matched"], row["attributed_to"]["ttclid"]) == (["ttclid"], ttclid)


async def test_invented_people_are_the_same_for_the_same_seed_and_plainly_invented(tiktok):
    first = await tiktok.ask("GET", "people?limit=3")
    after = await tiktok.ask("GET", f"people?limit=2&after={first[0]['id']}")
    assert [p["id"] for p in after] == [p["id"] for p in first[1:]]
    await tiktok.ask("POST", "reset")
    assert await tiktok.ask("GET", "people?limit=3") == first
    for person in await tiktok.ask("GET", "people"):
        assert all(address.endswith("@example.com") for address in person["email"])
        assert all(phone[5:9] == "5550" for phone in person["phone"])
        assert person["ip"].startswith("192.0.2.")


@pytest.mark.parametrize(
    ("person", "about"),
    [
        ({"phone": "2025550143"}, "E.164"),
        ({"mail": "x"}, "unknown field mail"),
        ({"id": "jane"}, "already"),
        ({"clicks": [5]}, "arrays of objects"),
        ([5], "JSON object"),
    ],
)
async def test_a_person_that_cannot_be_registered_is_refused_with_the_reason(tiktok, jane, person, about):
    async with tiktok.session.post(tiktok.url + "/_emulator/people", json=person) as answer:
        assert answer.status == 400
        assert about in (await answer.json())["error"]


@pytest.mark.parametrize("bad", [{"id": "jane"}, {"id": "ann"}, {"phone": "5"}, {"clicks": 5}, 5])
async def test_an_array_of_people_is_registered_whole_or_not_at_all(tiktok, jane, bad):
    typed = [{"id": "ann", "email": "ann@example.com"}, {"id": "bob"}, bad]
    async with tiktok.session.post(tiktok.url + "/_emulator/people", json=typed) as answer:
        assert answer.status == 400
    assert (await tiktok.ask("GET", "report"))["people"]["known"] == 21
    assert await tiktok.ask("POST", "people", typed[:2]) == ["ann", "bob"]


async def test_a_time_of_an_ad_that_is_no_date_is_refused(tiktok, jane):
    touch = b'{"person": "jane", "at": 1%s}' % (b"0" * 400)
    for body in (touch, b'{"person": "jane", "at": NaN}', b"[" * 100_000):
        async with tiktok.session.post(tiktok.url + "/_emulator/ads", data=body) as answer:
            assert answer.status == 400


@pytest.mark.parametrize("order", [("U1", "u1"), ("u1", "U1")])
async def test_a_digest_that_is_rightly_somebodys_is_no_mistake_of_another(tiktok, purchase, order):
    for name in order:
        await tiktok.ask("POST", "people", {"id": f"id-{name}", "external_id": name})
    await tiktok.send(purchase(user={"external_id": digest("u1")}))
    (row,) = await tiktok.rows()
    assert (row["person"], row["findings"]) == ("id-u1", [])


async def test_a_wrong_digest_stays_a_mistake_after_the_graph_has_learned_it(tiktok, purchase, jane):
    user = {"email": digest("jane.roe@example.com"), "external_id": digest("c-17")}
    await tiktok.send(purchase(event_id="1", user=user), purchase(event_id="2", user=user))
    findings = [row["findings"] for row in await tiktok.rows()]
    assert findings == [["hash_of_wrong_text user.external_id"]] * 2


async def test_nobody_by_that_id_is_a_404(tiktok):
    async with tiktok.session.get(tiktok.url + "/_emulator/people/nobody") as answer:
        assert answer.status == 404
