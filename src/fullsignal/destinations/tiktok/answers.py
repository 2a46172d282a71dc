"""What TikTok's answer means. The `code` of its JSON decides; HTTP status counts only where there is none."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import Any, Final

import msgspec

from fullsignal.destinations.tiktok import tables
from fullsignal.destinations.tiktok.account import Settings
from fullsignal.destinations.tiktok.tables import AMBIGUOUS, Meaning
from fullsignal.outgoing import Answer, Failed, Request, Response

WAIT_SECONDS_MAX: Final = 3_600.0  # nobody may put us to sleep for longer
MESSAGE_CHARACTERS_MAX: Final = 500
_decode: Final = msgspec.json.Decoder().decode


def read(request: Request, response: Response, settings: Settings) -> Answer:
    """Never raises. `accepted` only for the integer code 0, with a 2xx, that names no failed event."""
    if not response.status:
        return _no_answer(response)
    headers = {key.casefold(): value for key, value in response.headers.items()}
    envelope = _envelope(response.body)
    if envelope is None:
        return _by_status(response, headers)
    message = scrubbed(envelope.get("message"))
    code: int = envelope["code"]
    meaning = _meaning(code, message, response.status, envelope.get("data"))
    failed: tuple[Failed, ...] = ()
    if meaning.verdict == "per_event":
        failed = _failed(envelope.get("data"), len(request.seqs), str(code), message)
        meaning = meaning if failed else AMBIGUOUS
    return Answer(
        verdict=meaning.verdict,
        code=str(code)[:20],
        message=message,
        request_id=_request_id(envelope.get("request_id"), headers),
        after_seconds=_wait(meaning, headers, message),
        failed=failed,
        reason=meaning.reason,
    )


def _envelope(body: bytes) -> dict[str, Any] | None:
    """TikTok's answer, or None for anything that is not an object with an integer code."""
    try:
        found = _decode(body)
    except (ValueError, RecursionError):  # msgspec's and UTF-8's errors are ValueErrors
        return None
    # true is an int in Python; a code of "0" or 0.0 is not what TikTok documents (O)
    return found if isinstance(found, dict) and type(found.get("code")) is int else None


def _meaning(code: int, message: str, status: int, data: Any) -> Meaning:
    if code in (tables.SUCCESS, tables.PARTIAL):
        if not 200 <= status < 300:
            return AMBIGUOUS  # the two halves of the answer contradict each other
        partial = code == tables.PARTIAL or (isinstance(data, dict) and data.get("failed_events"))
        return Meaning("per_event") if partial else Meaning("accepted")
    known = tables.CODES.get(code)
    if known is None:
        families = (m for first, last, m in tables.CODE_FAMILIES if first <= code <= last)
        return next(families, AMBIGUOUS)
    if known.verdict == "bisect" and _names_the_root(message):
        return Meaning("pause", "settings")
    return known


# The first field a message speaks of: one of an event, or one of the root. An index names an event too.
# Seen: "Invalid value for event_source_id: not a valid string." (M, root), "Invalid value for event_id: not a
# valid string." (M, event), "Batch.0.properties.contents.0.content_id: Not a valid string" (P, event).
# `data` itself is left to bisecting: half a batch heals "too many events", and to the empty probe it is all
# that is wrong.
_FIELD: Final = re.compile(
    r"(?P<event>\b(?:data|batch)(?:\[|\.)\d|\bevent_(?:id|time)\b|\bevent['\"]?:"
    r"|\b(?:user|page|properties|contents|app|ad|lead)[.\[:])"
    r"|(?P<root>\bevent_source(?:_id)?\b|\btest_event_code\b|\bpartner_name\b)",
    re.IGNORECASE,
)


def _names_the_root(message: str) -> bool:
    found = _FIELD.search(message)
    return found is not None and found.lastgroup == "root"


def _failed(data: Any, events: int, code: str, message: str) -> tuple[Failed, ...]:
    """The refused events by 0-based index; nothing unless every entry of the list can be used.

    Known from the 1.0 batch of apps (O, TikTok's own SDKs); whether 2.0 ever sends it is not known.
    """
    entries = data.get("failed_events") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        return ()
    found: dict[int, Failed] = {}
    for entry in entries:
        index = entry.get("order_in_batch") if isinstance(entry, dict) else None
        if type(index) is not int or not 0 <= index < events:
            return ()
        found[index] = Failed(index, code, message)
    return tuple(found[index] for index in sorted(found))


def _no_answer(response: Response) -> Answer:
    word = re.fullmatch(r"[a-z0-9_]{1,40}", response.error)
    fallback = "no_answer" if response.reached else "unreachable"
    return Answer(
        verdict="ambiguous" if response.reached else "retry",
        code=response.error if word else fallback,
        message=scrubbed(response.error),
    )


def _by_status(response: Response, headers: dict[str, str]) -> Answer:
    meaning = tables.HTTP.get(response.status, AMBIGUOUS)
    return Answer(
        verdict=meaning.verdict,
        code=f"http_{response.status}",
        message=f"HTTP {response.status} without an answer of TikTok's."
        + (" It redirects; redirects are not followed." if 300 <= response.status < 400 else ""),
        request_id=_request_id(None, headers),
        after_seconds=_wait(meaning, headers, ""),
        reason=meaning.reason,
    )


def _request_id(given: Any, headers: dict[str, str]) -> str:
    """34 letters and digits, in the body and in a header (M); what TikTok's support asks for."""
    named = given or headers.get("x-tt-logid")
    return named if isinstance(named, str) and re.fullmatch(r"[A-Za-z0-9_.-]{1,100}", named) else ""


# ---- how long to wait --------------------------------------------------------------------------------

# What the message speaks of -> seconds until TikTok lets go (O~): the next second, five minutes, midnight
# UTC, which is looked for every hour.
_QUOTAS: Final = (
    (re.compile(r"\bQPD\b|\bday\b|daily", re.IGNORECASE), WAIT_SECONDS_MAX),
    (re.compile(r"\bQPM\b|minute", re.IGNORECASE), 300.0),
)
_QPS_SECONDS: Final = 1.0


def _wait(meaning: Meaning, headers: dict[str, str], message: str) -> float | None:
    if meaning.verdict not in {"retry", "throttled"}:
        return None
    asked = _retry_after(headers)
    if asked is not None or meaning.verdict == "retry":
        return asked
    return next((seconds for said, seconds in _QUOTAS if said.search(message)), _QPS_SECONDS)


def _retry_after(headers: dict[str, str]) -> float | None:
    """Seconds, or a date measured against the answer's own Date. TikTok was not seen to send it (M)."""
    text = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,12}", text):
        return min(float(text), WAIT_SECONDS_MAX)
    try:
        wait = parsedate_to_datetime(text) - parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return min(max(wait.total_seconds(), 0.0), WAIT_SECONDS_MAX)


# ---- what may be shown -------------------------------------------------------------------------------

# TikTok may quote the value it refuses, and an answer is stored and shown where personal data must not be.
_MASKS: Final = (
    (re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+"), " "),
    (re.compile(r"https?://[^\s'\"<>]+", re.IGNORECASE), "<url>"),
    (re.compile(r"[^\s@'\"<>:,;()\[\]]+@[^\s@'\"<>:,;()\[\]]+"), "<email>"),
    (re.compile(r"\bE\.C\.P\.[\w-]+"), "<click id>"),
    (re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{40,}(?![0-9A-Za-z])"), "<hash>"),  # tokens have 40
    (re.compile(r"(?<![\w.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![\w.])"), "<ip>"),
    (re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{0,4}:){3,7}[0-9A-Fa-f]{0,4}(?![\w:])"), "<ip>"),
    # 9 to 15 digits, spaced as people space them; longer runs are ids of TikTok's own
    (re.compile(r"(?<![\w+])\+?[0-9](?:[ .()/-]{0,3}[0-9]){8,14}(?![0-9A-Za-z_])"), "<phone>"),
)


def scrubbed(text: Any) -> str:
    """At most 500 characters, one line, without what looks like an identifier of a person."""
    shown = text[: 4 * MESSAGE_CHARACTERS_MAX] if isinstance(text, str) else ""
    for mask, instead in _MASKS:
        shown = mask.sub(instead, shown)
    return shown.strip()[:MESSAGE_CHARACTERS_MAX]
