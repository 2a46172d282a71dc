from __future__ import annotations

import json
import os
import signal
import socket
import stat
import time
import urllib.request
from pathlib import Path

import pytest

from fullsignal.demo.processes import free_ports

from .conftest import Shop, sale, until


def test_from_init_to_a_delivered_sale_and_a_balanced_ledger(shop: Shop) -> None:
    server = shop.serve()
    assert shop.post(server, sale("1001"))["results"][0]["status"] == "accepted"

    found = shop.wait_for("1001", "delivered")

    assert found["event_id"] == "purchase.1001"
    assert found["order_id"] == "1001"
    assert found["copies"] == 1
    outcome = found["outcomes"]["tiktok"]
    assert outcome["code"] == "0"
    assert len(outcome["request_id"]) == 34
    (attempt,) = outcome["attempts"]
    assert (attempt["http_status"], attempt["verdict"], attempt["events"]) == (200, "accepted", 1)
    assert [row["event_id"] for row in shop.arrived()] == ["purchase.1001"]
    assert shop.json("ledger")["connections"][0]["states"] == [
        {"state": "delivered", "reason": None, "events": 1}
    ]
    assert server.stop() == 0


def test_it_says_at_the_start_where_it_is_and_what_it_promises(bare: Shop) -> None:
    bare.init("--shopify-secret", "hush-hush-0123456789")

    server = bare.serve()

    about = server.about
    assert about["sites"] == ["shop"]
    assert about["connections"] == {"shop/tiktok": "observe"}
    assert about["webhook_urls"] == {"shop": {"shopify": f"{server.url}/webhooks/shop/shopify"}}
    assert "survives a kill, a crash and a power cut" in about["guarantee"]
    assert about["pid"] == server.process.pid


def test_text_tells_loudly_that_it_only_observes(bare: Shop) -> None:
    bare.init()
    process = bare.start("--log-format", "text")
    assert process.stdout is not None

    lines = [process.stdout.readline() for _ in range(6)]
    process.terminate()
    rest, _ = process.communicate(timeout=20)

    text = "".join(lines) + rest
    assert "OBSERVE: nothing is sent yet" in text
    assert "not the loss of the disk" in text
    assert "\x1b[" not in text  # no terminal, no colours
    assert process.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_when_asked(shop: Shop, number: int) -> None:
    server = shop.serve()

    assert server.stop(number) == 0
    assert not (shop.folder / "fullsignal-data" / "fullsignal.sock").exists()


def test_every_log_line_is_json_and_names_no_person(shop: Shop) -> None:
    shop.fault(kind="code", code=40002, count=1)
    server = shop.serve()
    shop.post(server, sale("1001"))
    shop.wait_for("1001", "refused")
    server.stop()

    assert server.process.stderr is not None
    lines = [json.loads(line) for line in server.process.stderr]
    assert {line["event"] for line in lines} >= {"serving", "attempt"}
    assert all({"level", "timestamp"} <= line.keys() for line in lines)
    assert "customer1001" not in json.dumps(lines)


def test_a_host_and_a_port_may_be_given(shop: Shop) -> None:
    (port,) = free_ports(1)
    server = shop.serve("--port", str(port), "--host", "127.0.0.1")

    assert server.url == f"http://127.0.0.1:{port}"
    assert urllib.request.urlopen(f"{server.url}/healthz", timeout=5).status == 200


def test_a_taken_port_is_told_in_a_sentence(shop: Shop) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = shop.start("--port", str(port))
        _, err = process.communicate(timeout=20)

    assert process.returncode == 1
    assert f"Port {port} on 127.0.0.1 is taken" in err
    assert "--port" in err
    assert "Traceback" not in err


def test_a_host_that_is_not_here_is_told_with_its_own_remedy(shop: Shop) -> None:
    process = shop.start("--host", "203.0.113.1")
    _, err = process.communicate(timeout=20)

    assert process.returncode == 1
    assert "no address 203.0.113.1. Name another with --host or server.host." in err


def test_a_data_folder_that_is_in_use_is_told_in_a_sentence(shop: Shop) -> None:
    shop.serve()

    process = shop.start()
    _, err = process.communicate(timeout=20)

    assert process.returncode == 1
    assert "Another fullsignal is using" in err
    assert "Traceback" not in err


def test_a_missing_token_is_told_in_a_sentence(bare: Shop) -> None:
    bare.run("init", "--yes", "--pixel-code", "CD9079RC77U0N3GBV16Y", "--port", "0")

    process = bare.start()
    _, err = process.communicate(timeout=20)

    assert process.returncode == 2
    assert "TIKTOK_ACCESS_TOKEN is not set" in err
    assert "Traceback" not in err


def test_what_it_writes_is_its_own_and_a_crash_leaves_no_memory_behind(shop: Shop) -> None:
    server = shop.serve()
    shop.post(server, sale("1001"))

    data = shop.folder / "fullsignal-data"
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in data.iterdir()}
    assert not [name for name, mode in modes.items() if mode & 0o077], modes
    limits = Path(f"/proc/{server.process.pid}/limits").read_text().splitlines()
    core = next(line for line in limits if line.startswith("Max core file size"))
    assert core.split()[4:6] == ["0", "0"]


def test_a_folder_that_lies_deep_is_no_hindrance(bare: Shop) -> None:
    deep = "d" * 120
    bare.init("--data-dir", deep)
    server = bare.serve()

    assert len(os.fsencode(bare.folder / deep)) > 107  # what a socket's address can hold
    said = bare.json("go-live", "--yes")
    assert said["server"] == "reloaded"
    assert server.stop() == 0


def test_neither_a_hanging_platform_nor_a_hanging_caller_keeps_it_from_stopping(shop: Shop) -> None:
    shop.fault(kind="delay", delay_ms=60_000, count=1)
    server = shop.serve()
    shop.post(server, sale("1001"))
    until(lambda: shop.json("events", "show", "1001")[0]["outcomes"]["tiktok"]["attempts"])
    with socket.create_connection(("127.0.0.1", int(server.url.rsplit(":", 1)[1]))) as caller:
        caller.sendall(b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        started = time.monotonic()
        assert server.stop() == 0

    assert time.monotonic() - started < 10.5
    shop.serve()
    found = shop.wait_for("1001", "delivered")
    assert found["outcomes"]["tiktok"]["attempts"][0]["verdict"] == "ambiguous"
