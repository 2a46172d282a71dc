"""Each destination's tables, typed from the platform's pages, against the spec's, typed by another hand.

A difference is a slip of the pen on one side, or a decision; decisions are listed here with their reason.
"""

from __future__ import annotations

import re

import pytest

import fullsignal_spec as spec
from fullsignal import vocabulary
from fullsignal.destinations import tiktok
from fullsignal.destinations.tiktok import account, answers, tables

CHANNELS = ("web", "app", "offline", "crm")


def standard(channel: str, *statuses: str) -> set[str]:
    return {
        row["name"]
        for row in spec.rows("tiktok", "events")
        if channel in row["channels"] and row["status"] in statuses
    }


# ---- names -------------------------------------------------------------------------------------------


def test_tiktok_standard_events() -> None:
    for channel in ("web", "offline", "crm"):
        assert standard(channel, "current") == tables.STANDARD
        assert standard(channel, "deprecated") == tables.RETIRING
    # 2Dretention is sent by TikTok's own SDK only.
    assert standard("app", "current", "base", "deprecated") == tables.STANDARD_APP
    assert standard("web", "base") == {"Pageview"}
    assert "Pageview" in tables.LITERALS["web"]


def test_tiktok_aliases() -> None:
    rows = spec.rows("tiktok", "aliases")
    mapped = {row["name"]: row["event"] for row in rows if row["kind"] != "spelling"}

    assert mapped == tables.ALIAS
    # A spelling is no name of its own: we send the one the pixel sends.
    assert [(row["name"], row["event"]) for row in rows if row["kind"] == "spelling"] == [
        ("PageView", "Pageview")
    ]
    for channel in ("web", "offline", "crm"):
        usable = {row["name"] for row in rows if channel in row["channels"] and row["kind"] != "spelling"}
        assert usable <= tables.LITERALS[channel]


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_literal_is_a_name_tiktok_knows_on_that_channel(channel: str) -> None:
    known = standard(channel, "current", "base", "deprecated", "automatic")
    known |= {row["name"] for row in spec.rows("tiktok", "aliases") if channel in row["channels"]}

    assert known >= tables.LITERALS[channel]


def test_the_vocabulary_leads_to_names_tiktok_knows() -> None:
    web = standard("web", "current", "base", "deprecated")
    # Login is standard for apps only; on the web it goes out as a custom event.
    assert set(vocabulary.TIKTOK_NAME.values()) - web == {"Login"}
    for name in web | set(tables.ALIAS):
        assert vocabulary.our_name(name) in vocabulary.TIKTOK_NAME, name
    for row in spec.rows("tiktok", "aliases"):
        leads_to = vocabulary.our_name(row["name"])
        assert vocabulary.TIKTOK_NAME[leads_to] == row["event"], row["name"]


# ---- the body ----------------------------------------------------------------------------------------


def field(path: str) -> dict[str, object]:
    return spec.by("tiktok", "fields", "path")[path]


def test_tiktok_currencies() -> None:
    assert {row["code"] for row in spec.rows("tiktok", "currencies")} == tables.CURRENCIES


def test_tiktok_user_fields() -> None:
    ours = {
        **{key: (takes, "hashed") for key, _, takes, _ in tables.USER_HASHED},
        **{key: (takes, "plain") for key, _, takes in tables.USER_IDS},
        **{key: (takes, "plain") for key, takes in tables.USER_PLAIN},
        "att_status": (tables.APP, "plain"),
    }
    theirs = {
        row["path"].removeprefix("user."): (frozenset(row["allowed_for"]), row["form"])
        for row in spec.rows("tiktok", "fields")
        if row["path"].startswith("user.") and row["path"] != "user.lead_id"  # one peer's, undocumented
    }
    # TikTok takes a device id either way; ours are hashed at the door like every identifier of a person.
    for key in ("idfa", "gaid"):
        assert theirs[key] == (tables.APP, "either")
        theirs[key] = (tables.APP, "hashed")

    assert ours == theirs
    for key, _, _, several in tables.USER_HASHED:
        assert (field(f"user.{key}")["type"] == "string_or_list") == several, key
    assert set(field("user.att_status")["values"]) == tables.ATT_STATUS  # type: ignore[call-overload]


def test_tiktok_properties() -> None:
    rows = spec.by("tiktok", "fields", "path")
    for key in tables.TYPED_PROPERTIES:
        assert f"properties.{key}" in rows, key
        assert rows[f"properties.{key}"]["confidence"] in {"O", "O~"}, key
    for key in tables.Content.__struct_fields__:
        assert f"properties.contents[].{key}" in rows, key
    assert set(rows["properties.content_type"]["values"]) == tables.CONTENT_TYPES
    assert set(rows["properties.customer_type"]["values"]) == tables.CUSTOMER_TYPES
    assert set(rows["properties.customer_type"]["allowed_for"]) == tables.WEB_APP


@pytest.mark.parametrize(
    ("path", "channels"),
    [
        ("user", tables.ALL),
        ("properties", tables.ALL),
        ("page", tables.WEB),
        ("app", tables.APP),
        ("lead", {"crm"}),
        ("ad", tables.WEB_APP),
        ("limited_data_use", tables.WEB_APP),
    ],
)
def test_tiktok_parts_of_an_event(path: str, channels: set[str]) -> None:
    assert set(field(path)["allowed_for"]) == channels  # type: ignore[call-overload]


def test_tiktok_event_sources() -> None:
    assert set(field("event_source")["values"]) == set(tables.SOURCE)  # type: ignore[call-overload]


def test_tiktok_limits_and_windows() -> None:
    limit = {name: row["value"] for name, row in spec.by("tiktok", "limits", "name").items()}

    assert limit["events_per_request_max"] == account.EVENTS_MAX
    assert limit["ttclid_chars_max"] == tables.ID_CHARACTERS_MAX
    assert limit["dedup_window_seconds"] == tiktok.dedup_window_seconds
    assert limit["merge_window_seconds"] == tiktok.merge_window_seconds
    longest = limit["custom_event_name_chars_max"]
    assert re.fullmatch(tables.CUSTOM_NAME, "x" * longest)
    assert not re.fullmatch(tables.CUSTOM_NAME, "x" * (longest + 1))


def test_tiktok_match_keys() -> None:
    theirs = {row["key"] for row in spec.rows("tiktok", "match_keys")}
    # Device ids are keys for apps; the spec's list is the web's.
    assert theirs | {"idfa", "gaid", "idfv"} == set(tiktok.match_key_names)


# ---- the answer --------------------------------------------------------------------------------------

# A code's kind in the spec -> the verdicts that keep to it.
MAY_BE = {
    "success": {"accepted"},
    "partial": {"per_event"},
    "bad_request": {"bisect", "pause/settings"},
    "auth": {"pause/auth"},
    "permission": {"pause/permission"},
    "throttle": {"throttled"},
    "server": {"retry"},
    "maintenance": {"retry"},
}
DECIDED = {
    # "Duplicated requests": what was sent before may have been taken, so it is not proof of a refusal.
    40050: "ambiguous",
    # "No update" says that nothing was changed: so it may be when the events are there already.
    40012: "ambiguous",
}


def verdict(code: int) -> str:
    listed = {"failed_events": [{"order_in_batch": 0}]} if code == tables.PARTIAL else {}
    meaning = answers._meaning(code, "", 200, listed)
    return f"{meaning.verdict}/{meaning.reason}" if meaning.reason else meaning.verdict


@pytest.mark.parametrize("row", spec.rows("tiktok", "codes"), ids=lambda row: str(row["code"]))
def test_tiktok_codes(row: dict[str, object]) -> None:
    code, kind = int(str(row["code"])), str(row["kind"])

    if code in DECIDED:
        assert verdict(code) == DECIDED[code]
    else:
        assert verdict(code) in MAY_BE[kind]


def test_tiktok_codes_that_only_one_side_lists() -> None:
    assert set(tables.CODES) <= set(spec.by("tiktok", "codes", "code"))


def test_tiktok_code_families() -> None:
    families = {row["name"]: row for row in spec.rows("tiktok", "code_families")}

    for name in ("server", "maintenance"):
        for end in ("code_min", "code_max"):
            assert verdict(families[name][end]) in MAY_BE[families[name]["kind"]]
    # An unlisted 4xxxx or 2xxxx is no proof of anything.
    for name in ("partial", "client"):
        assert verdict(families[name]["code_max"]) == "ambiguous"
