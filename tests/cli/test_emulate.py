from __future__ import annotations

import socket
import subprocess
import sys
import urllib.request

from click.testing import CliRunner

from fullsignal.cli import main


def test_it_serves_until_it_is_stopped() -> None:
    words = ["emulate", "tiktok", "--port", "0"]
    with subprocess.Popen(
        [sys.executable, "-m", "fullsignal", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(2)]
        url = lines[0].split()[-1]
        assert urllib.request.urlopen(f"{url}/_emulator/report", timeout=5).status == 200
        process.send_signal(2)
        process.communicate(timeout=20)
    assert process.returncode == 0


def test_a_taken_port_is_told_in_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = CliRunner().invoke(main, ["emulate", "tiktok", "--port", port])

    assert said.exit_code == 1
    assert f"Port {port} on 127.0.0.1 is taken" in said.stderr


def test_it_listens_for_this_machine_only() -> None:
    said = CliRunner().invoke(main, ["emulate", "tiktok", "--host", "0.0.0.0"])

    assert said.exit_code == 2
    assert "loopback" in said.stderr
