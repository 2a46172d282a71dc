"""The script that is served is the one that its sources make, and as small as we say."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys

import pytest

from fullsignal import browser

from .builder import TOP, builder

FOLDER = TOP / "src" / "fullsignal" / "browser"
FILES = ("fs.js", "fs-send.js", "fs-pixel.js", "fs-more.js", "fs-debug.js")


def test_what_is_committed_is_what_the_sources_make() -> None:
    told = subprocess.run(
        [sys.executable, "scripts/browser.py", "--check"], cwd=TOP, capture_output=True, text=True
    )
    assert (told.returncode, told.stderr) == (0, "")
    assert [line.split()[0] for line in told.stdout.splitlines()] == list(FILES)


def test_another_file_than_the_sources_make_is_refused_with_what_to_do() -> None:
    with pytest.raises(builder.CannotError, match=r"fs\.js is not what its sources make\. Run: make script"):
        builder._compare({"fs.js": b"another"})


def test_a_script_that_is_too_large_is_refused() -> None:
    letters = "".join(map(str, range(6_000))).encode()
    with pytest.raises(builder.CannotError, match="Make it smaller"):
        builder._sizes({"fs.js": letters})


def test_every_visitor_loads_at_most_6_000_bytes() -> None:
    size = len(gzip.compress(browser.SCRIPT, 9))
    assert size <= 6_000


@pytest.mark.parametrize("name", FILES)
def test_a_script_is_plain_ascii_and_holds_nothing_that_a_strict_page_refuses(name: str) -> None:
    text = (FOLDER / name).read_bytes().decode("ascii")
    assert not [one for one in text if ord(one) < 32 and one != "\n"]
    for refused in ("sourceMappingURL", "debugger", "console.", "eval(", "Function(", "innerHTML", ".write("):
        assert refused not in text


def test_the_script_names_no_host_but_those_it_is_for() -> None:
    hosts = set(re.findall(rb"https?://([\w.-]+)", browser.SCRIPT))
    assert hosts <= {b"analytics.tiktok.com", b"buy.stripe.com"}


def test_the_hash_and_the_integrity_are_of_the_served_bytes() -> None:
    path = FOLDER / "fs.js"
    assert path.read_bytes() == browser.SCRIPT
    assert (FOLDER / "fs-debug.js").read_bytes() == browser.DEBUG
    told = subprocess.run(["sha256sum", path], capture_output=True, text=True, check=True).stdout
    assert told[:12] == browser.HASH
    command = f"openssl dgst -sha384 -binary {path} | openssl base64 -A"
    told = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True).stdout
    assert f"sha384-{told}" == browser.INTEGRITY


def test_the_compilers_are_pinned_and_their_lock_file_names_no_host() -> None:
    package = json.loads((TOP / "package.json").read_text(encoding="utf-8"))
    versions = package["devDependencies"]
    assert [one for one in versions.values() if not re.fullmatch(r"\d+\.\d+\.\d+", one)] == []
    lock = (TOP / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in lock and "resolved" not in lock
    locked = json.loads(lock)["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in versions} == versions


def test_the_wheel_has_what_is_served_and_not_its_sources() -> None:
    tracked = sorted(path.name for path in FOLDER.iterdir() if path.suffix == ".js")
    assert tracked == sorted(FILES)
    settings = (TOP / "pyproject.toml").read_text(encoding="utf-8")
    assert 'exclude = ["*.ts"]' in settings.partition("[tool.hatch.build.targets.wheel]")[2]
