"""Vectors and recorded answers: complete, and every digest is the SHA-256 of the text beside it."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import fullsignal_spec as spec

PLATFORMS = ("identity", "tiktok")
CASES = [case for platform in PLATFORMS for case in spec.vectors(platform)]
HASHES = [case for case in CASES if case["kind"] == "hash"]
EVENTS = [case for case in CASES if case["kind"] == "event"]
ANSWERS = spec.answers("tiktok")
VERDICTS = {"accepted", "per_event", "throttled", "retry", "ambiguous", "bisect", "pause"}
HEX = re.compile(r"[0-9a-f]{64}")


def named(case: dict[str, Any]) -> str:
    return str(case["name"])


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every scalar with its path; the items of a list share the list's path."""
    if isinstance(value, dict):
        for key, child in value.items():
            yield from leaves(child, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for child in value:
            yield from leaves(child, path)
    else:
        yield path, value


def test_every_case_file_is_named_in_kebab_case() -> None:
    files = [*Path(spec.__file__).parent.glob("*/vectors/*"), *Path(spec.__file__).parent.glob("*/answers/*")]
    assert len(files) == len(CASES) + len(ANSWERS)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*\.json", path.name) for path in files)


def test_titles_are_sentences_of_their_own() -> None:
    for cases in (spec.vectors("identity"), spec.vectors("tiktok"), ANSWERS):
        titles = [case["title"] for case in cases]
        assert len(set(titles)) == len(titles)
        assert all(not title.endswith(".") for title in titles)


@pytest.mark.parametrize("case", HASHES, ids=named)
def test_a_hash_vector_recomputes(case: dict[str, Any]) -> None:
    assert HEX.fullmatch(case["sha256"])
    if case["must_equal"]:
        assert sha256(case["normalised"]) == case["sha256"]
    else:
        assert sha256(case["normalised"]) != case["sha256"] == sha256(case["hashed_text"])


def test_every_identity_vector_belongs_to_a_known_family_of_its_field() -> None:
    families = spec.by("identity", "families", "name")
    for case in spec.vectors("identity"):
        for family in case["families"]:
            assert case["field"] in families[family]["field"].split(", "), case["name"]


def test_every_family_but_the_external_id_has_a_vector() -> None:
    shown = {family for case in spec.vectors("identity") for family in case["families"]}
    # Its two vectors, one official and one ours, are TikTok's.
    assert {row["name"] for row in spec.rows("identity", "families")} - shown == {"external_id"}


@pytest.mark.parametrize("case", EVENTS, ids=named)
def test_every_digest_in_an_expected_body_has_its_text_beside_it(case: dict[str, Any]) -> None:
    (data,) = case["body"]["data"]
    digests = [(path, leaf) for path, leaf in leaves(data) if isinstance(leaf, str) and HEX.fullmatch(leaf)]
    reasons = [(path, r) for path, rs in case.get("reasons", {}).items() for r in rs]
    assert sorted(digests) == sorted((path, r["sha256"]) for path, r in reasons)
    assert all(sha256(r["normalised"]) == r["sha256"] for _, r in reasons)


@pytest.mark.parametrize("case", EVENTS, ids=named)
def test_hashed_fields_are_digests_and_all_others_are_not(case: dict[str, Any]) -> None:
    fields = spec.by("tiktok", "fields", "path")
    for path, leaf in leaves(case["body"]["data"][0]):
        form = fields.get(path.replace("contents.", "contents[]."), {"form": "plain"})["form"]
        assert form == "either" or bool(HEX.fullmatch(str(leaf))) == (form == "hashed"), path


@pytest.mark.parametrize("case", EVENTS, ids=named)
def test_an_expected_body_uses_only_fields_of_its_channel(case: dict[str, Any]) -> None:
    fields = spec.by("tiktok", "fields", "path")
    for path, _ in leaves(case["body"]["data"][0]):
        row = fields[path.replace("contents.", "contents[].")]
        assert case["body"]["event_source"] in row["allowed_for"], path


def test_the_source_id_of_every_expected_body_is_in_its_account() -> None:
    for case in EVENTS:
        assert [case["body"]["event_source_id"]] == list(case["account"].values()), case["name"]


def test_the_standard_names_in_expected_bodies_are_spelled_as_tiktok_spells_them() -> None:
    known = {*spec.by("tiktok", "events", "name"), *spec.by("tiktok", "aliases", "name")}
    sent = {case["body"]["data"][0]["event"] for case in EVENTS}
    assert sent - known == {"Quiz_Finished"}


def test_a_ttclid_vector_is_as_long_as_tiktok_allows() -> None:
    case = next(c for c in EVENTS if c["name"] == "ttclid-byte-for-byte")
    longest = spec.by("tiktok", "limits", "name")["ttclid_chars_max"]["value"]
    assert len(case["body"]["data"][0]["user"]["ttclid"]) == longest
    assert case["body"]["data"][0]["user"]["ttclid"] == case["event"]["user"]["ids"]["ttclid"]


@pytest.mark.parametrize("case", ANSWERS, ids=named)
def test_an_answer_says_what_was_sent_and_what_follows(case: dict[str, Any]) -> None:
    assert case["expect"]["verdict"] in VERDICTS
    assert ("body" in case) != ("body_text" in case)
    assert set(case["expect"]) <= {"verdict", "failed", "after_seconds"}
    if case["expect"]["verdict"] == "per_event":
        assert case["expect"]["failed"]
        assert all(0 <= index < case["events"] for index in case["expect"]["failed"])
    if "after_seconds" in case["expect"]:
        assert str(case["expect"]["after_seconds"]) == case["headers"]["Retry-After"]


def test_every_verdict_has_an_answer() -> None:
    assert {case["expect"]["verdict"] for case in ANSWERS} == VERDICTS


def test_answers_with_a_known_code_follow_its_kind() -> None:
    codes = spec.by("tiktok", "codes", "code")
    follows = {
        "success": {"accepted"},
        "partial": {"per_event", "ambiguous"},
        "bad_request": {"bisect", "pause"},
        "auth": {"pause"},
        "permission": {"pause"},
        "throttle": {"throttled"},
        "server": {"retry"},
        "maintenance": {"retry"},
    }
    no_proof = {40012}  # "no update", however it is meant: the events may be there
    for case in ANSWERS:
        body = case.get("body")
        code = body.get("code") if isinstance(body, dict) else None
        if type(code) is not int:
            assert case["expect"]["verdict"] not in ("accepted", "per_event"), case["name"]
        elif code in codes and code not in no_proof:
            assert case["expect"]["verdict"] in follows[codes[code]["kind"]], case["name"]
