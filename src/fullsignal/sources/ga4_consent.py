"""What Google's tags and the Measurement Protocol say about consent, as our three words.

A browser's hit says it in up to four parameters, of which the one that denies wins:

| parameter | what it says | ours |
|---|---|---|
| `gcd` | a letter for each signal, at fixed places | all three |
| `gcs` | `G1`, then `ad_storage` and `analytics_storage`: 1, 0, or - where nobody said | ad_storage |
| `npa` | 1: no personalised ads | ad_personalization denied |
| `dma_cps` | `-`: nothing for Google's ad services | ad_user_data denied |

The letters were found by public reverse engineering [seen], and are six bits in base64's alphabet: 10, the
default, the update; each 01 not set, 10 denied, 11 granted. The update counts, else the default. Any other
letter (R, Q ... where a tag delegates one signal to another) sets nothing.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from fullsignal.model import UNKNOWN_CONSENT, Consent
from fullsignal.sources.reading import Document, text

Word = Literal["granted", "denied", ""]

LETTERS: Final[dict[str, Word]] = {
    "l": "",
    "m": "denied",  # denied by the update
    "n": "granted",
    "p": "denied",  # denied by default
    "q": "denied",
    "r": "granted",  # denied by default, granted by the update
    "t": "granted",  # granted by default
    "u": "denied",  # granted by default, denied by the update
    "v": "granted",
}
# 13l3l3R2l5l1, 11p1p1p1p5: what stands between the letters is about where a signal came from.
_GCD: Final = re.compile(r"1\w(\w)\w\w\w(\w)\w(\w)\w*", re.ASCII)
_GCS: Final = re.compile(r"G1([01-])[01-]")
_GCS_WORDS: Final[dict[str, Word]] = {"1": "granted", "0": "denied", "-": ""}
# Google's words [vendor docs], and the booleans that senders write for them.
_BODY_WORDS: Final[dict[str, Word]] = {
    "GRANTED": "granted",
    "TRUE": "granted",
    "DENIED": "denied",
    "FALSE": "denied",
    "CONSENT_STATUS_UNSPECIFIED": "",
}
_DENIALS: Final = (False, "false", "denied", "DENIED")
_SIGNALS: Final = ("ad_storage", "ad_user_data", "ad_personalization")


def of_hit(gcs: str, gcd: str, npa: str, dma_cps: str) -> Consent:
    storage, user_data, personal = _letters(gcd)
    found = _GCS.fullmatch(gcs)
    storage = _stricter(storage, _GCS_WORDS[found[1]] if found else "")
    user_data = _stricter(user_data, "denied" if dma_cps == "-" else "")
    if not user_data and storage == "denied":
        # A page of the first consent mode asks about storage alone, and Google's tag lets that answer for
        # both [seen].
        user_data = "denied"
    return Consent(storage, user_data, _stricter(personal, "denied" if npa == "1" else ""))


def of_body(document: Document) -> Consent:
    """Of the Measurement Protocol: `consent`, and the older `non_personalized_ads`."""
    said: dict[str, Word] = {}
    if not isinstance(document.at("consent"), dict | None):
        document.note("consent_unreadable", "consent", "This field is not an object; unknown.")
    for signal in _SIGNALS:
        value = document.at(f"consent.{signal}")
        word = _BODY_WORDS.get(str(value).strip().upper())
        if word is not None:
            said[signal] = word
        elif value is not None and value != "":
            # What is not understood stays unknown; the site's consent_unknown decides, never a guess here.
            document.note(
                "consent_unreadable",
                f"consent.{signal}",
                "A part of the consent is not readable; unknown.",
            )
    if document.at("non_personalized_ads") in (True, "true"):
        said["ad_personalization"] = "denied"
    return Consent(**said)


def of_parameters(document: Document) -> Consent:
    """Of an event that a tag server passes on: the hit's own signals, as `x-ga-gcs` and so on, and what the
    server made of them, `consent_state` [seen]. Of that only a denial counts: it may be a default."""
    at = document.first
    hit = of_hit(*(at(text, f"x-ga-{name}") or "" for name in ("gcs", "gcd", "npa", "dma_cps")))
    denied: dict[str, Word] = {
        signal: "denied" for signal in _SIGNALS if document.at(f"consent_state.{signal}") in _DENIALS
    }
    return strictest(hit, Consent(**denied))


def strictest(*said: Consent) -> Consent:
    """What any of them denies is denied."""
    found = UNKNOWN_CONSENT
    for one in said:
        found = Consent(*(_stricter(getattr(found, signal), getattr(one, signal)) for signal in _SIGNALS))
    return found


def _letters(gcd: str) -> tuple[Word, Word, Word]:
    found = _GCD.fullmatch(gcd)
    if found is None:
        return "", "", ""
    storage, user_data, personal = (LETTERS.get(letter, "") for letter in found.groups())
    return storage, user_data, personal


def _stricter(one: Word, other: Word) -> Word:
    return "denied" if "denied" in (one, other) else one or other
