"""Every fact is complete, says where it is from, and agrees with the others."""

import re
from pathlib import Path

import pytest

import fullsignal_spec as spec

HERE = Path(spec.__file__).parent
TABLES = [(path.parent.name, path.stem) for path in sorted(HERE.glob("*/*.toml")) if path.stem != "sources"]
PLATFORMS = sorted({platform for platform, _ in TABLES})
UNIQUE = {
    "events": "name",
    "aliases": "name",
    "codes": "code",
    "fields": "path",
    "limits": "name",
    "currencies": "code",
    "match_keys": "key",
    "pixel_calls": "call",
    "cookies": "name",
    "attribution": "topic",
    "disagreements": "topic",
    "open_questions": "number",
    "families": "name",
}


# ---- tables -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("platform", "table"), TABLES)
def test_every_row_says_where_it_is_from(platform: str, table: str) -> None:
    assert spec.rows(platform, table)
    for row in spec.rows(platform, table):
        assert row["source"] and row["checked"] and row["confidence"] in spec.CONFIDENCE


@pytest.mark.parametrize(("platform", "table"), TABLES)
def test_the_key_column_is_unique(platform: str, table: str) -> None:
    if table in UNIQUE:
        assert len(spec.by(platform, table, UNIQUE[table])) == len(spec.rows(platform, table))


def test_only_what_the_project_inferred_rests_on_no_source() -> None:
    for platform, table in TABLES:
        for row in spec.rows(platform, table):
            assert row["source"] != "own" or row["confidence"] == "I", (platform, table, row)


def test_every_source_is_used() -> None:
    # A key must not linger after its last row has gone; a mention in a note counts.
    for platform in PLATFORMS:
        cited = {
            key
            for fact in (
                *(row for p, table in TABLES if p == platform for row in spec.rows(p, table)),
                *spec.vectors(platform),
                *spec.answers(platform),
            )
            for key in fact["source"].split(", ")
        }
        told = " ".join(p.read_text("utf-8") for p in (HERE / platform).glob("[!s]*.toml"))
        unused = {key for key in spec.sources(platform) if key not in cited}
        assert {key for key in unused if not re.search(rf"\b{key}\b", told)} == set()


def test_a_row_without_a_date_does_not_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_facts(tmp_path, monkeypatch, '[[row]]\nname = "x"\nsource = "A"\nconfidence = "O"\n')
    with pytest.raises(spec.SpecError, match=r"acme/facts\.toml, row 1: checked is missing"):
        spec.rows("acme", "facts")


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("source", "A, B", "acme/sources.toml lacks the source B"),
        ("checked", "22.11.2026", "not a date"),
        ("confidence", "X", "not one of O, O~, M, P, S, I"),
    ],
)
def test_a_row_with_a_wrong_origin_does_not_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, column: str, value: str, message: str
) -> None:
    origin = {"source": "A", "checked": "2026-11-22", "confidence": "O", column: value}
    with_facts(tmp_path, monkeypatch, "[[row]]\n" + "".join(f'{k} = "{v}"\n' for k, v in origin.items()))
    with pytest.raises(spec.SpecError, match=message):
        spec.rows("acme", "facts")


def test_a_row_overrides_the_defaults_of_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    default = '[default]\nsource = "A"\nchecked = "2026-11-22"\nconfidence = "O"\n'
    with_facts(tmp_path, monkeypatch, default + '[[row]]\nn = 1\n[[row]]\nn = 2\nconfidence = "S"\n')
    assert [row["confidence"] for row in spec.rows("acme", "facts")] == ["O", "S"]
    with pytest.raises(spec.SpecError, match="no column name"):
        spec.by("acme", "facts", "name")


def test_a_missing_table_is_named() -> None:
    with pytest.raises(spec.SpecError, match=r"no tiktok/weather\.toml"):
        spec.rows("tiktok", "weather")


def with_facts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "sources.toml").write_text('A = "a page"\n')
    (tmp_path / "acme" / "facts.toml").write_text(text)
    monkeypatch.setattr(spec, "HERE", tmp_path)
    for reader in (spec.rows, spec.by, spec.sources):
        reader.cache_clear()


# ---- TikTok's vocabulary ------------------------------------------------------------------------------


def test_every_alias_leads_to_a_standard_event_of_its_channels() -> None:
    events = spec.by("tiktok", "events", "name")
    for alias in spec.rows("tiktok", "aliases"):
        assert set(alias["channels"]) <= set(events[alias["event"]]["channels"]), alias["name"]
        own = events.get(alias["name"])
        assert own is None or own["channels"] == ["app"], f"{alias['name']} is a standard event itself"


def test_every_code_has_a_remedy_and_fits_its_family() -> None:
    families = spec.rows("tiktok", "code_families")
    for row in spec.rows("tiktok", "codes"):
        assert row["meaning"] and row["remedy"].endswith("."), row["code"]
        assert row["retry"] in ("yes", "no", "after"), row["code"]
        assert row["code"] == 0 or sum(f["code_min"] <= row["code"] <= f["code_max"] for f in families) == 1
    kinds = {row["kind"] for row in spec.rows("tiktok", "codes")}
    wanted = "success partial bad_request auth permission throttle server maintenance"
    assert kinds == set(wanted.split())


def test_every_message_belongs_to_a_known_code() -> None:
    codes = spec.by("tiktok", "codes", "code")
    assert {row["code"] for row in spec.rows("tiktok", "messages")} <= set(codes)


def test_the_match_key_weights_add_up_to_one() -> None:
    keys = spec.rows("tiktok", "match_keys")
    assert sum(row["weight"] for row in keys) == pytest.approx(1)
    assert {row["weight_confidence"] for row in keys} == {"I"}
    paths = spec.by("tiktok", "fields", "path")
    assert all(field in paths for row in keys for field in row["fields"])


def test_the_windows_are_those_of_the_documentation() -> None:
    limit = {name: row["value"] for name, row in spec.by("tiktok", "limits", "name").items()}
    assert limit["dedup_window_seconds"] == 48 * 3600
    assert limit["merge_window_seconds"] == limit["cookie_dedup_window_seconds"] == 5 * 60
    assert limit["events_per_request_max"] == limit["requests_per_second_max"] == 1000
    assert limit["requests_per_minute_max"] == 600 * 1000
    assert limit["requests_per_day_max"] == 86_400 * limit["requests_per_second_max"]
