from __future__ import annotations

import tomllib

import pytest

from fullsignal import config
from fullsignal.cli.toml_line import CannotEditError, set_text

from .conftest import Shop, sale


def test_a_running_server_sends_what_comes_after_and_not_what_was_observed(bare: Shop) -> None:
    bare.init()
    server = bare.serve()
    bare.post(server, sale("1001"), sale("1002"))
    bare.wait_for("1002", "skipped")

    said = bare.json("go-live", "--yes")

    assert said["server"] == "reloaded"
    assert said["changed"] == [
        {"site": "shop", "connection": "tiktok", "accepted": 2, "observed": 2, "waiting": 0}
    ]
    bare.post(server, sale("1003"))
    bare.wait_for("1003", "delivered")
    assert [row["event_id"] for row in bare.arrived()] == ["purchase.1003"]
    assert bare.wait_for("1001", "skipped")["outcomes"]["tiktok"]["reason"] == "observe"


def test_one_line_of_the_file_changes(bare: Shop) -> None:
    bare.init()
    before = bare.config.read_text().splitlines()

    said = bare.run("go-live", "--yes")

    assert said.exit_code == 0
    assert "No server runs" in said.stdout
    assert "They stay unsent" in said.stderr
    after = bare.config.read_text().splitlines()
    changed = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
    assert changed == [
        (
            'mode = "observe"  # observe sends nothing; `fullsignal go-live` ends it',
            'mode = "live"  # observe sends nothing; `fullsignal go-live` ends it',
        )
    ]


def test_it_asks_first(bare: Shop) -> None:
    bare.init()

    said = bare.run("go-live", input="n\n")

    assert said.exit_code == 1
    assert config.load(bare.config).connections()[0].mode == "observe"


def test_what_is_live_stays_live(shop: Shop) -> None:
    said = shop.json("go-live", "--yes")

    assert said["changed"] == []


def test_an_unknown_connection_is_named_with_those_that_are_known(bare: Shop) -> None:
    bare.init()

    said = bare.run("go-live", "--connection", "meta", "--yes")

    assert said.exit_code == 2
    assert "shop/tiktok" in said.stderr


def test_an_environment_that_wins_over_the_file_is_told(bare: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    bare.init()
    monkeypatch.setenv("FULLSIGNAL__SITE__SHOP__TIKTOK__MODE", "observe")

    said = bare.run("go-live", "--yes")

    assert said.exit_code == 2
    assert "FULLSIGNAL__SITE__SHOP__TIKTOK__MODE" in said.stderr


TABLE = ("site", "shop", "tiktok")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('[site.shop.tiktok]\nmode = "observe"\n', '[site.shop.tiktok]\nmode = "live"\n'),
        ("[site.shop.tiktok]\nmode='observe' # why\n", '[site.shop.tiktok]\nmode="live" # why\n'),
        (
            '[site.shop.tiktok]\n# mode = "x"\nb = 1\n',
            '[site.shop.tiktok]\nmode = "live"\n# mode = "x"\nb = 1\n',
        ),
        ("[site.shop.tiktok]", '[site.shop.tiktok]\nmode = "live"\n'),
        (
            '[ site . "shop".tiktok ] # x\r\nb = 1\r\n',
            '[ site . "shop".tiktok ] # x\r\nmode = "live"\r\nb = 1\r\n',
        ),
        (
            '[site.a.tiktok]\nmode = "observe"\n[site.shop.tiktok]\nb = 1\n[other]\nmode = "observe"\n',
            '[site.a.tiktok]\nmode = "observe"\n[site.shop.tiktok]\nmode = "live"\nb = 1\n[other]\n'
            'mode = "observe"\n',
        ),
    ],
)
def test_a_line_is_changed_or_put_in_where_it_belongs(before: str, after: str) -> None:
    assert set_text(before, TABLE, "mode", "live") == after


@pytest.mark.parametrize(
    "text",
    [
        '[site.shop]\ntiktok = { mode = "observe" }\n',
        '[site.shop]\ntiktok.mode = "observe"\n',
        '[site.shop.tiktok]\nb = """\n[x]\n"""\nmode = "observe"\n',
    ],
)
def test_what_is_written_in_another_way_is_left_alone(text: str) -> None:
    tomllib.loads(text)

    with pytest.raises(CannotEditError):
        set_text(text, TABLE, "mode", "live")


def test_a_file_that_cannot_be_edited_is_not_touched_and_the_line_is_told(bare: Shop) -> None:
    bare.init()
    inline = bare.config.read_text().split("[site.shop.tiktok]")[0].rstrip()
    inline += '\ntiktok = { pixel_code = "CD9079RC77U0N3GBV16Y", access_token_env = "T" }\n'
    bare.config.write_text(inline)

    said = bare.run("go-live", "--yes")

    assert said.exit_code == 1
    assert 'Set mode = "live" in [site.shop.tiktok] by hand' in said.stderr
    assert bare.config.read_text() == inline
