"""What Google's tags say about consent, row by row of docs/sources/ga4.md."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from fullsignal.model import Consent
from fullsignal.sources import ga4_mp
from fullsignal.sources.ga4_consent import LETTERS, of_body, of_hit, of_parameters
from fullsignal.sources.reading import Document

LANDING = "https://shop.example/?ttclid=E.C.P.v3fQ"
PAGE = (Path(__file__).parents[2] / "docs/sources/ga4.md").read_text(encoding="utf-8")
# default, update: what six bits in base64's alphabet say; 10 leads, then two bits each: 1 not set, 2 denied,
# 3 granted (32 + 4 * default + update, a is 26).
BITS = {
    (1, 1): "l", (1, 2): "m", (1, 3): "n",
    (2, 1): "p", (2, 2): "q", (2, 3): "r",
    (3, 1): "t", (3, 2): "u", (3, 3): "v",
}  # fmt: skip


def table(header):
    lines = PAGE[PAGE.index(f"\n{header}") + 1 :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]


def words(consent):
    return tuple(
        word or "unknown" for word in (consent.ad_storage, consent.ad_user_data, consent.ad_personalization)
    )


@pytest.mark.parametrize(("setting", "letter"), BITS.items(), ids=BITS.values())
def test_the_update_counts_else_the_default(setting, letter):
    default, update = setting
    counts = update if update != 1 else default

    assert LETTERS[letter] == {1: "", 2: "denied", 3: "granted"}[counts]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    assert alphabet[32 + 4 * default + update] == letter


@pytest.mark.parametrize("row", table("| gcs | gcd |"), ids=lambda row: " ".join(row[:4]))
def test_a_hit_s_consent_is_as_the_page_says(row):
    gcs, gcd, npa, dma_cps, *ours = ["" if cell == "(none)" else cell for cell in row]

    assert words(of_hit(gcs, gcd, npa, dma_cps)) == tuple(ours)


@pytest.mark.parametrize("row", table("| the body says |"), ids=lambda row: row[0])
def test_a_body_s_consent_is_as_the_page_says(row):
    said, *ours = row

    assert words(of_body(Document(json.loads(f"{{{said}}}")))) == tuple(ours)


def test_every_letter_is_on_the_page():
    told = {row[0]: row[1] for row in table("| letter |")}

    assert told == {letter: word or "unknown" for letter, word in LETTERS.items()}


@pytest.mark.parametrize(
    "gcd",
    [
        "",
        "1",
        "13",
        "l3l3l3l",
        "13l3l3",
        "23t3t3t3t5l1",
        "13t3t3t3t!",
        "13t3 t3t3t5",
        "13٣3t3t3t3t",
        "x" * 99,
    ],
)
def test_what_has_another_form_says_nothing(gcd):
    assert of_hit("", gcd, "", "") == Consent()


@pytest.mark.parametrize("gcs", ["", "G", "G1", "G11", "G1111", "G2111", "g111", "G1٣1", "G121"])
def test_a_gcs_of_another_form_says_nothing(gcs):
    assert of_hit(gcs, "", "", "") == Consent()


def test_a_consent_that_cannot_be_read_is_unknown_and_noted():
    document = Document({"consent": {"ad_user_data": "yes", "ad_personalization": ["GRANTED"]}})

    assert of_body(document) == Consent()
    assert [(note.code, note.field) for note in document.notes] == [
        ("consent_unreadable", "consent.ad_user_data"),
        ("consent_unreadable", "consent.ad_personalization"),
    ]


def test_a_consent_that_is_no_object_is_unknown_and_noted():
    document = Document({"consent": "DENIED"})

    assert of_body(document) == Consent()
    assert [(note.code, note.field) for note in document.notes] == [("consent_unreadable", "consent")]


@pytest.mark.parametrize(
    "params",
    [
        {"x-ga-gcs": "G100"},
        {"x-ga-gcs": "G111", "x-ga-gcd": "13t3t3q3t5l1"},
        {"x-ga-gcd": "13t3t3t3t5l1", "x-ga-dma_cps": "-"},
        {"consent_state": {"ad_user_data": False, "ad_storage": True}},
    ],
)
def test_what_a_tag_server_passes_on_denies_though_the_body_grants(params):
    body = {
        "client_id": "1234567890.1795180000",
        "consent": {"ad_user_data": "GRANTED"},
        "events": [{"name": "purchase", "params": {"page_location": LANDING, **params}}],
    }
    found = ga4_mp.decode(json.dumps(body).encode(), frozenset(), 1_795_184_200.0)

    assert found.found[0].raw.consent.ad_user_data == "denied"
    assert (found.beacon.store, found.beacon.consent.ad_user_data) == (False, "denied")


def test_what_a_tag_server_allows_is_no_more_than_the_page_said():
    assert of_parameters(Document({"consent_state": {"ad_user_data": True}})) == Consent()
    granted = of_parameters(Document({"x-ga-gcs": "G111", "x-ga-gcd": "13t3t3t3t5l1", "x-ga-npa": 1}))
    assert granted == Consent("granted", "granted", "denied")


def test_every_letter_that_denies_denies():
    for letter in re.findall("[mpqu]", "".join(LETTERS)):
        assert of_hit("G111", f"13t3t3{letter}3t5l1", "0", "").ad_user_data == "denied"
