"""48 hours by event_id, five minutes of merging, five minutes by cookie: on the time of receipt."""

import pytest

MINUTE, HOUR = 60, 3600
EMAIL = "848a771458438fc2ec420560d769fb9b9b86851ee338ec56517baabd79d3bb4f"


def fate(row):
    return row["counted"], row["duplicate_of"]


@pytest.mark.parametrize(
    ("wait", "second"),
    [
        (4 * MINUTE + 59, (False, 1)),
        (5 * MINUTE + 1, (False, 1)),
        (47 * HOUR + 59 * MINUTE, (False, 1)),
        (48 * HOUR + MINUTE, (True, None)),
    ],
)
async def test_a_copy_counts_again_only_after_48_hours(tiktok, purchase, wait, second):
    await tiktok.send(purchase())
    await tiktok.later(wait)
    await tiktok.send(purchase())
    rows = await tiktok.rows()
    assert [fate(row) for row in rows] == [(True, None), second]
    assert rows[1]["received_at"] - rows[0]["received_at"] == wait


async def test_the_window_runs_from_the_first_copy_and_a_new_first_opens_a_new_one(tiktok, purchase):
    for wait in (0, 30 * HOUR, 30 * HOUR, 30 * HOUR):
        await tiktok.later(wait)
        await tiktok.send(purchase())
    assert [fate(row) for row in await tiktok.rows()] == [(True, None), (False, 1), (True, None), (False, 3)]


async def test_source_name_and_id_are_all_part_of_the_key(tiktok, purchase):
    await tiktok.send(purchase())
    await tiktok.send(purchase(), event_source_id="CD9079RC77U0N3GBV16Z")
    await tiktok.send(purchase(event="AddToCart"))
    await tiktok.send(purchase(event="CompletePayment"))
    await tiktok.send(purchase(event_id="order-2"))
    assert all(row["counted"] for row in await tiktok.rows())


async def test_old_and_new_names_can_be_made_to_share_a_key(tiktok, purchase):
    await tiktok.ask("POST", "switches", {"aliases_share_key": True})
    await tiktok.send(purchase())
    await tiktok.send(purchase(event="CompletePayment"))
    assert fate((await tiktok.rows())[1]) == (False, 1)


async def test_copies_inside_one_request_are_duplicates_too(tiktok, purchase):
    await tiktok.send(purchase(), purchase())
    assert [fate(row) for row in await tiktok.rows()] == [(True, None), (False, 1)]


async def test_events_without_an_id_all_count(tiktok, purchase):
    await tiktok.send(purchase(event_id=None), purchase(event_id=""))
    assert [row["counted"] for row in await tiktok.rows()] == [True, True]


async def test_a_merge_fills_only_what_the_first_copy_lacks(tiktok, purchase):
    first = {"ip": "203.0.113.9", "user_agent": ""}
    second = {"ip": "203.0.113.77", "user_agent": "Mozilla/5.0", "email": EMAIL}
    await tiktok.send(purchase(user=first))
    await tiktok.later(4 * MINUTE + 59)
    await tiktok.send(purchase(user=second))
    await tiktok.send(purchase(user=second))
    rows = await tiktok.rows()
    assert rows[1]["merged"] == ["user.user_agent", "user.email"]
    assert rows[2]["merged"] == []
    assert rows[0]["merged"] == ["user.user_agent", "user.email"]
    assert rows[0]["body"]["user"] == first


async def test_nothing_is_merged_after_five_minutes(tiktok, purchase):
    await tiktok.send(purchase(user=None))
    await tiktok.later(5 * MINUTE + 1)
    await tiktok.send(purchase(user={"email": EMAIL}))
    rows = await tiktok.rows()
    assert fate(rows[1]) == (False, 1)
    assert [row["merged"] for row in rows] == [[], []]


async def test_a_merge_can_make_the_first_copy_match_and_count_for_coverage(tiktok, purchase):
    (person,) = await tiktok.ask("POST", "people", {"email": " ALICE_abc@gmail.com "})
    await tiktok.send(purchase(user=None))
    await tiktok.send(purchase(user={"email": EMAIL}))
    rows = await tiktok.rows()
    assert (rows[0]["person"], rows[0]["matched"]) == (person, ["email"])
    (kind,) = (await tiktok.ask("GET", "report"))["event_types"]
    assert (kind["matched"], kind["match_keys"]["email"]) == (1, {"present": 1, "valid": 1, "coverage": 1.0})


async def test_the_later_copy_overwrites_when_the_switch_says_so(tiktok, purchase):
    await tiktok.ask("POST", "switches", {"merge_later_wins": True})
    await tiktok.send(purchase(user={"ip": "203.0.113.9"}))
    await tiktok.send(purchase(user={"ip": "203.0.113.77"}))
    assert (await tiktok.rows())[1]["merged"] == ["user.ip"]


def from_pixel(purchase_event, **changed):
    return {
        "event": purchase_event["event"],
        "event_id": "",
        "timestamp": "2025-11-22T08:25:40.000Z",
        "context": {
            "pixel": {"code": "CD9079RC77U0N3GBV16Y"},
            "page": {"url": "https://shop.example/thanks"},
            "user": {"ttp": "2F7h37YkS1j57AYSKTI7IHhJPYH"},
        },
        "properties": {},
    } | changed


async def test_without_event_id_the_cookie_drops_a_server_event_for_five_minutes(tiktok, purchase):
    server = purchase(event_id=None, user={"ttp": "2F7h37YkS1j57AYSKTI7IHhJPYH"})
    await tiktok.pixel(from_pixel(server))
    await tiktok.later(4 * MINUTE + 59)
    await tiktok.send(server)
    await tiktok.later(2)
    await tiktok.send(server)
    assert [(r["via"], *fate(r)) for r in await tiktok.rows()] == [
        ("pixel", True, None),
        ("server", False, 1),
        ("server", True, None),
    ]


async def test_the_cookie_rule_never_drops_a_pixel_event_nor_a_server_event_with_an_id(tiktok, purchase):
    server = purchase(event_id=None, user={"ttp": "2F7h37YkS1j57AYSKTI7IHhJPYH"})
    await tiktok.send(server)
    await tiktok.pixel(from_pixel(server))
    await tiktok.pixel(from_pixel(server))
    await tiktok.send(server | {"event_id": "order-1"})
    assert [row["counted"] for row in await tiktok.rows()] == [True, True, True, True]


async def test_the_cookie_rule_looks_at_pixel_events_with_an_id_unless_switched_off(tiktok, purchase):
    server = purchase(event_id=None, user={"ttp": "2F7h37YkS1j57AYSKTI7IHhJPYH"})
    await tiktok.pixel(from_pixel(server, event_id="order-1"))
    await tiktok.send(server)
    await tiktok.ask("POST", "switches", {"cookie_rule_needs_pixel_without_event_id": True})
    await tiktok.pixel(from_pixel(server, event="AddToCart", event_id="cart-1"))
    await tiktok.send(server | {"event": "AddToCart"})
    assert [row["counted"] for row in await tiktok.rows()] == [True, False, True, True]


async def test_pixel_and_server_meet_by_event_id(tiktok, purchase):
    await tiktok.pixel(from_pixel(purchase(), event_id="order-1"))
    await tiktok.send(purchase())
    rows = await tiktok.rows()
    assert [(r["via"], *fate(r)) for r in rows] == [("pixel", True, None), ("server", False, 1)]
    assert "user.ttp" not in rows[1]["merged"]
    (kind,) = (await tiktok.ask("GET", "report"))["event_types"]
    assert (kind["connection_method"], kind["browser_and_server"], kind["counted"]) == (
        "server & browser",
        1,
        1,
    )


async def test_test_events_have_a_key_space_of_their_own_and_never_count(tiktok, purchase):
    await tiktok.send(purchase(), test_event_code="TEST12345")
    await tiktok.send(purchase())
    await tiktok.send(purchase(), test_event_code="TEST12345")
    rows = await tiktok.rows()
    assert [(r["test"], *fate(r)) for r in rows] == [
        ("TEST12345", False, None),
        (None, True, None),
        ("TEST12345", False, 1),
    ]
    report = await tiktok.ask("GET", "report")
    assert (report["events"]["counted"], report["events"]["test"]) == (1, 2)
    assert report["event_types"][0]["received"] == 1
