"""What the pages say of states, notes, consent, periods and TikTok is held against the tables in the code."""

from __future__ import annotations

import ast
import re
from contextlib import closing
from pathlib import Path

import fullsignal
from fullsignal import consent, reasons, vocabulary
from fullsignal.collector.metrics import Metrics
from fullsignal.config import Browser
from fullsignal.delivery.gauges import Gauges
from fullsignal.destinations.tiktok import tables
from fullsignal.identity import phone
from fullsignal.journal import Journal, ids, retention
from fullsignal.pulling.tally import Tally

TOP = Path(__file__).parent.parent
OUTCOMES, PRIVACY, OPERATIONS, TIKTOK, API, SHOPIFY = (
    (TOP / "docs" / f"{name}.md").read_text(encoding="utf-8")
    for name in ("outcomes", "privacy", "operations", "destinations/tiktok", "events-api", "sources/shopify")
)


def rows(text: str, header: str) -> list[list[str]]:
    """The cells of the table whose first line begins like `header`, as a reader sees them."""
    lines = text[text.index(f"\n{header}") + 1 :].split("\n\n")[0].splitlines()[2:]
    cells = [re.split(r"(?<!\\)\|", line.strip().strip("|")) for line in lines]
    return [[plain(cell) for cell in row] for row in cells]


def plain(cell: str) -> str:
    return cell.replace("\\", "").replace("&lt;", "<").replace("—", "").strip()


def bare(cell: str) -> str:
    return cell.strip("`")


# ---- outcomes -------------------------------------------------------------------------------------------


def test_every_state_is_told_in_the_words_of_the_program() -> None:
    told = {bare(state): tuple(rest) for state, *rest in rows(OUTCOMES, "| state | meaning |")}

    assert told == reasons.STATES


def test_every_reason_is_told_in_the_words_of_the_program() -> None:
    table = rows(OUTCOMES, "| state | reason |")
    told = {(bare(state), bare(reason)): tuple(rest) for state, reason, *rest in table}

    assert told == {**told, **reasons.REASONS}
    assert told.keys() == reasons.REASONS.keys() | _skipped_in_the_journal()


def _skipped_in_the_journal() -> set[tuple[str, str]]:
    """`_skip(books, link, row, received_at, "reason", ...)`: a reason that only the append knows."""
    path = Path(fullsignal.__file__).parent / "journal" / "append.py"
    calls = [n for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.Call)]
    given = [a for call in calls if getattr(call.func, "id", "") == "_skip" for a in call.args]
    return {("skipped", str(a.value)) for a in given if isinstance(a, ast.Constant)}


def test_every_pause_and_every_code_of_ours_is_told_in_the_words_of_the_program() -> None:
    pauses = {bare(r[0]): tuple(r[1:]) for r in rows(OUTCOMES, "| reason | meaning |")}
    codes = {bare(r[0]): tuple(r[1:]) for r in rows(OUTCOMES, "| code | meaning |")}

    assert pauses == reasons.PAUSED
    assert codes == reasons.ON_THE_WAY


# ---- problems and notes ---------------------------------------------------------------------------------


def constants(*functions: str) -> set[str]:
    """The first arguments of calls of these functions, anywhere in the product but its client."""
    found = set()
    for path in sorted(Path(fullsignal.__file__).parent.rglob("*.py")):
        if {"client", "cli", "demo"} & set(path.parts) or path.name == "preview.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(node, "func", None)
            if getattr(name, "id", getattr(name, "attr", "")) in functions and node.args:  # type: ignore[attr-defined]
                first = node.args[0]  # type: ignore[attr-defined]
                found |= {first.value} if isinstance(first, ast.Constant) else set()
    return found


def test_every_problem_is_explained() -> None:
    codes = constants("Problem", "problem", "BusyError", "StorageError") | {"queue_full", "storage_full"}
    pages = [page.read_text(encoding="utf-8") for page in (TOP / "docs" / "sources").glob("*.md")]
    told = set(re.findall(r"`(\w+)`", "".join([API, *pages])))

    assert len(codes) > 25
    assert codes - told == set()


def test_every_note_is_explained() -> None:
    codes = constants("Note", "note", "drop") | set(phone._MESSAGES)
    told = {bare(row[0]) for row in rows(OUTCOMES, "| note |")}

    assert codes == told


# ---- consent, periods, metrics --------------------------------------------------------------------------


def test_the_consent_table_is_the_one_of_the_code() -> None:
    table = rows(PRIVACY, "| ad_user_data | consent_unknown |")
    where = {"opt-in": "opt_in", "not known": "unknown", "elsewhere": "elsewhere"}
    unknown = {(c, where[region]): decision for said, c, region, decision in table if said == "nothing"}
    said = {row[0]: row[3] for row in table if row[0] != "nothing"}

    assert unknown == consent._TABLE
    assert said == {
        word: consent.decide(fullsignal.model.Consent(ad_user_data=word), "region", "DE")  # type: ignore[arg-type]
        for word in ("granted", "denied")
    }


def test_the_opt_out_table_is_the_one_of_the_code() -> None:
    said = fullsignal.model.Consent(ad_user_data="granted")
    table = rows(PRIVACY, "| opt_out | opted out |")
    words = {said: "what was said", consent.DENIED: "denied, all three"}
    told = {(rule, out == "yes"): (becomes, limited == "yes") for rule, out, becomes, limited in table}

    for rule in ("deny", "limit", "ignore"):
        for out in (False, True):
            heard, limited = consent.heard(said, out, rule)
            row = told[rule, True] if out else told["any", False]
            assert row == (words[heard], limited), (rule, out)


def test_the_waiting_time_for_consent_is_the_one_of_the_code() -> None:
    assert consent.WAIT_SECONDS == 10 * 60
    assert "held for ten minutes" in PRIVACY


def test_the_periods_are_those_of_the_code() -> None:
    told = [re.findall(r"\d+", period) for _, period in rows(PRIVACY, "| what | how long |")]
    (short_table, short), (long_table, long) = ids._PERIODS[False], ids._PERIODS[True]

    assert told == [
        [str(retention.PAYLOAD_DAYS), str(retention.DEAD_PAYLOAD_DAYS)],
        [str(retention.ATTEMPT_DAYS)],
        [str(retention.ROW_DAYS)],
        [str(retention.VISITOR_DAYS)],
        [str(long), str(long_table)],
        [str(short)],
    ]
    assert short_table == 1
    assert Browser().visitor_days == retention.VISITOR_DAYS


def test_every_metric_is_explained(tmp_path: Path) -> None:
    kinds = {family.name: family.type for family in Metrics({}).collect()}
    with closing(Journal(tmp_path, 1.0)) as journal:
        kinds |= {family.name: family.type for family in Gauges(journal, []).collect()}
    kinds |= {family.name: family.type for family in Tally().collect()}
    told = {bare(row[0]) for row in rows(OPERATIONS, "| metric |")}

    assert told == {name + ("_total" if kind == "counter" else "") for name, kind in kinds.items()}


# ---- TikTok ---------------------------------------------------------------------------------------------


def test_event_names_are_those_of_the_code() -> None:
    for ours, theirs, also in rows(TIKTOK, "| ours | TikTok's | also"):
        name = bare(ours)
        standard, spellings = vocabulary._TABLE[name]
        shown = re.findall(r"`(\w+)`", theirs)
        assert theirs.startswith("not sent") == (name in tables.NOT_SENT), name
        assert shown[:1] == ([standard] if standard else []), name
        assert shown[1:] == ([tables._APP[name]] if name in tables._APP else []), name
        assert [word.strip() for word in also.split(",") if word] == list(spellings), name
    assert len(rows(TIKTOK, "| ours | TikTok's | also")) == len(vocabulary._TABLE)


def test_what_is_said_of_each_code_is_what_is_done() -> None:
    said: dict[int, tuple[str, str]] = {}
    for codes, does in rows(TIKTOK, "| TikTok says | fullsignal"):
        reason = re.search(r"\(`(\w+)`\)", does)
        for first, last in re.findall(
            r"\b([4-6]\d{4})\b(?:(?:–| to )([4-6]\d{4}))?", codes.split("(or another")[0]
        ):
            for code in range(int(first), int(last or first) + 1):
                said.setdefault(code, (does, reason[1] if reason else ""))

    verdicts = {
        "bisect": "halves",
        "pause": "pauses",
        "throttled": "waits",
        "retry": "not taken",
        "ambiguous": "may have been taken",
    }
    for code, meaning in tables.CODES.items():
        does, reason = said[code]
        assert does.startswith(verdicts[meaning.verdict]), code
        assert reason == meaning.reason, code
    for first, last, _ in tables.CODE_FAMILIES:
        assert f"{first}–{last}" in TIKTOK or f"from {first} to {last}" in TIKTOK, first


def test_the_windows_are_those_of_the_code() -> None:
    from fullsignal.destinations import tiktok
    from fullsignal.journal import append, endings

    assert (tiktok.merge_window_seconds, tiktok.dedup_window_seconds) == (5 * 60, 48 * 3600)
    assert append.MERGE_WINDOW_SECONDS == 4.5 * 60
    assert endings.REPEAT_SECONDS_MAX == append.PIXEL_WINDOW_SECONDS == 46 * 3600
