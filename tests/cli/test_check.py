from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from fullsignal.cli import check_history, check_machine, check_platform
from fullsignal.config import Connection
from fullsignal.outgoing import Response

from .conftest import PIXEL, Shop, sale, until


def by_name(found: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {one["check"]: one for one in found}


def test_all_is_well_once_a_server_runs(shop: Shop) -> None:
    server = shop.serve()
    shop.post(server, sale("1001"))
    shop.wait_for("1001", "delivered")

    found = shop.json("check")

    assert [one for one in found if one["status"] == "fail"] == []
    names = by_name(found)
    assert names.keys() >= {
        *("config", "keys shop", "country shop", "file modes", "data folder", "disk", "file system"),
        *("sqlite", "server", "connection shop/tiktok", "mode shop/tiktok", "token shop/tiktok"),
        *("clock shop/tiktok", "copies shop", "ledger"),
    }
    assert names["token shop/tiktok"]["status"] == "ok"
    assert names["server"]["message"] == f"takes events on {server.url}"


def test_every_finding_that_is_not_ok_has_a_remedy(bare: Shop) -> None:
    bare.init()

    found = bare.json("check")

    assert {one["status"] for one in found} == {"ok", "warn"}
    assert all(one["remedy"] for one in found if one["status"] != "ok")
    assert by_name(found)["mode shop/tiktok"]["status"] == "warn"


def test_a_person_gets_lines_and_a_sum(shop: Shop) -> None:
    said = shop.run("check")

    assert said.exit_code == 0
    assert "ok    config" in said.stdout
    assert "checks: 0 fail" in said.stdout
    assert "\x1b[" not in said.stdout


def test_no_configuration_fails(bare: Shop) -> None:
    (only,) = bare.json("check", exit_code=1)

    assert (only["check"], only["status"]) == ("config", "fail")
    assert "init" in only["remedy"]


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        (40001, "Admin or Operator"),
        (40001, "from that ad account, not from another"),
        (40001, "not the numeric pixel id"),
        (40105, "spaces"),
        (40104, "empty"),
    ],
)
def test_a_token_that_is_not_taken_fails_with_its_cause_in_words(shop: Shop, code: int, remedy: str) -> None:
    shop.fault(kind="code", code=code, count=1)

    token = by_name(shop.json("check", exit_code=1))["token shop/tiktok"]

    assert token["status"] == "fail"
    assert str(code) in token["message"]
    assert remedy in token["remedy"]


def test_a_platform_that_cannot_be_reached_fails(bare: Shop) -> None:
    bare.init("--endpoint", "http://127.0.0.1:1")

    token = by_name(bare.json("check", exit_code=1))["token shop/tiktok"]

    assert token["status"] == "fail"
    assert "firewall" in token["remedy"]


def test_offline_asks_nobody(bare: Shop) -> None:
    bare.init("--endpoint", "http://127.0.0.1:1")

    assert "token shop/tiktok" not in by_name(bare.json("check", "--offline"))


def test_a_token_that_is_not_set_fails(bare: Shop) -> None:
    bare.run("init", "--yes", "--pixel-code", PIXEL)

    token = by_name(bare.json("check", "--offline", exit_code=1))["token shop/tiktok"]

    assert "TIKTOK_ACCESS_TOKEN is not set" in token["message"]


def test_a_token_with_spaces_or_quotes_inside_fails(bare: Shop) -> None:
    bare.init("--access-token", 'test_"a b"')

    token = by_name(bare.json("check", "--offline", exit_code=1))["token shop/tiktok"]

    assert "inside the token" in token["message"]


def test_a_numeric_pixel_id_is_doubted(bare: Shop) -> None:
    bare.init("--pixel-code", "7123456789012345678")

    assert by_name(bare.json("check", "--offline"))["pixel code shop/tiktok"]["status"] == "warn"


def test_a_secret_that_others_can_read_fails(shop: Shop) -> None:
    (shop.folder / ".secrets" / "shop-secret-key").chmod(0o644)

    modes = by_name(shop.json("check", "--offline", exit_code=1))["file modes"]

    assert "shop-secret-key" in modes["message"]
    assert modes["remedy"].startswith("chmod 600 ")


def test_short_keys_and_an_unknown_country_are_warned_of(shop: Shop) -> None:
    text = shop.config.read_text()
    key = next(line for line in text.splitlines() if line.startswith("public_keys"))
    text = text.replace(key, 'public_keys = ["pk_12345678"]').replace('country = "US"', 'country = ""')
    shop.config.write_text(text)

    names = by_name(shop.json("check", "--offline"))

    assert names["keys shop"]["status"] == "warn"
    assert names["country shop"]["status"] == "warn"


@pytest.mark.parametrize(("hours", "doubted"), [("46", False), ("46.5", True)])
def test_a_wait_that_outlasts_the_pixel_is_doubted(bare: Shop, hours: str, doubted: bool) -> None:
    bare.init("--hold-hours", hours)

    assert ("hold_hours shop" in by_name(bare.json("check", "--offline"))) == doubted


def test_a_paused_connection_fails_with_the_platforms_words(shop: Shop) -> None:
    shop.fault(kind="code", code=40105, count=None)
    server = shop.serve()
    shop.post(server, sale("1001"))

    paused = until(
        lambda: next(
            (
                one
                for one in json.loads(shop.run("check", "--offline", "--json").stdout)
                if one["check"] == "connection shop/tiktok" and one["status"] == "fail"
            ),
            None,
        )
    )

    assert "token" in paused["message"]
    assert "incorrect or has been revoked" in paused["message"]
    assert "good token" in paused["remedy"]


def test_a_mode_that_the_server_has_not_heard_of_fails(bare: Shop) -> None:
    bare.init()
    bare.serve()
    bare.config.write_text(bare.config.read_text().replace('mode = "observe"', 'mode = "live"'))

    connection = by_name(bare.json("check", "--offline", exit_code=1))["connection shop/tiktok"]

    assert "observe" in connection["message"] and "live" in connection["message"]


def test_a_server_that_died_is_no_server(shop: Shop) -> None:
    server = shop.serve()
    server.process.kill()
    server.process.wait()

    assert by_name(shop.json("check", "--offline"))["server"]["status"] == "warn"


def test_copies_with_different_ids_are_told(shop: Shop) -> None:
    server = shop.serve()
    key = json.loads(shop.config.read_text().split("public_keys = ")[1].split("  #")[0])[0]
    shop.post(server, sale("1001", event_id="thanks-page-1"), key=key)
    shop.post(server, sale("1001"))

    copies = by_name(shop.json("check", "--offline"))["copies shop"]

    assert copies["status"] == "warn"
    assert "different event ids from browser and server" in copies["message"]


def test_browser_and_server_are_named_only_where_both_sent_the_sale() -> None:
    signed = [purchase(1, "signed", "a"), purchase(2, "signed", "b", 1)]

    told = check_history.copies("shop", signed)

    assert told.status == "warn"
    assert "different event ids. Here" in told.message


def purchase(seq: int, trust: str, event_id: str, copy_of: int | None = None) -> dict[str, Any]:
    return {"seq": seq, "trust": trust, "event_id": event_id, "copy_of": copy_of}


def test_copies_that_never_meet_are_told() -> None:
    apart = [purchase(n, "browser" if n % 2 else "signed", f"e{n}") for n in range(10)]  # 5 and 5

    assert check_history.copies("shop", apart).status == "warn"
    assert check_history.copies("shop", apart[:8]).status == "ok"  # 4 and 4 may be chance
    met = [*apart, purchase(10, "browser", "e"), purchase(11, "signed", "e", 10)]
    assert check_history.copies("shop", met).status == "ok"


MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
tmpfs /run tmpfs rw 0 0
server:/x /mnt/my\\040share nfs4 rw 0 0
me@host: /mnt/ssh fuse.sshfs rw 0 0
/dev/sdb1 /mnt xfs rw 0 0
broken
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/data", "ext4"),
        ("/run/data", "tmpfs"),
        ("/mnt/my share/data", "nfs4"),
        ("/mnt/ssh", "fuse.sshfs"),
        ("/mnt/other", "xfs"),
        ("/mnt/sshes", "xfs"),
        ("/running", "ext4"),
    ],
)
def test_the_file_system_is_the_one_of_the_longest_mount_point(path: str, kind: str) -> None:
    assert check_machine.file_system(Path(path), MOUNTS) == kind


@pytest.mark.parametrize(
    ("kind", "status"), [("nfs", "fail"), ("cifs", "fail"), ("tmpfs", "warn"), ("xfs", "ok")]
)
def test_a_network_file_system_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, status: str
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"x / {kind} rw 0 0\n")
    monkeypatch.setattr(check_machine, "MOUNTS", mounts)

    assert check_machine._file_system(tmp_path).status == status


@pytest.mark.parametrize(
    ("theirs", "status"),
    [("Sat, 22 Nov 2025 10:00:00 GMT", "warn"), ("not a date", None)],
)
def test_a_clock_that_is_off_is_told(theirs: str, status: str | None) -> None:
    connection = Connection(site="shop", name="tiktok", destination="tiktok")

    found = list(check_platform._clock(connection, Response(200, {"Date": theirs})))

    assert [one.status for one in found] == ([status] if status else [])


def test_the_platform_is_asked_with_no_event(shop: Shop) -> None:
    shop.json("check")

    with urllib.request.urlopen(f"{shop.emulator.url}/_emulator/events", timeout=5) as answer:
        assert b"purchase" not in answer.read()
