"""Rules that a tool keeps, so that nobody has to remember them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

import fullsignal_spec as spec
from fullsignal.copies import SHOPS
from fullsignal.destinations import DESTINATIONS
from fullsignal.record import PAYMENTS
from fullsignal.sources import POLLS, WEBHOOKS

TOP = Path(__file__).parent.parent
SRC = TOP / "src"
PYTHON = sorted(SRC.rglob("*.py"))
LINES_MAX = 300

# Who may open a connection, and to whom. Platforms are reached by the first alone.
CONNECTS = {
    "fullsignal/delivery/send.py": "platforms",
    "fullsignal/fetcher.py": "a shop's or payment service's own API, hosts named by the caller",
    "fullsignal/gateway.py": "the emulator's clock, in proofs from outside",
    "fullsignal/operator.py": "a Unix socket in the data folder",
    "fullsignal/bulk/spool.py": "the address of a file that a person named on the command line",
    "fullsignal/cli/fetch.py": "the site's own script_url, for `check`",
    "fullsignal/cli/now.py": "the clock of a test's emulator",
    "fullsignal/cli/check_first_party.py": "name servers, for `check`",
    "fullsignal/client/connection.py": "a fullsignal collector",
    "fullsignal/collector/server.py": "nobody: it listens",
    "fullsignal/identity/device.py": "nobody: it reads addresses",
}
# Who may read the time.
READS_TIME = {
    "fullsignal/clock.py": "it is the clock",
    "fullsignal/client/": "it runs in other people's programs and imports nothing of ours",
}
OPENS = re.compile(r"^\s*(import|from) (aiohttp|http\.client|urllib\.request|socket|httpx|requests)\b", re.M)
TIME = re.compile(
    r"\btime\.(time|monotonic|perf_counter|time_ns)\(|datetime\.(now|utcnow|today)\(|\bdate\.today\("
)


def _name(path: Path) -> str:
    return path.relative_to(SRC).as_posix()


def _product() -> list[Path]:
    return [p for p in PYTHON if _name(p).startswith("fullsignal/") and "/demo/" not in _name(p)]


def test_no_file_is_longer_than_one_room() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.py", "*.ts", "*.js"],
        cwd=TOP, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    long = {p: n for p in tracked if (TOP / p).exists() and (n := _lines(TOP / p)) > LINES_MAX}
    assert not long


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("path", PYTHON, ids=_name)
def test_a_name_says_what_is_inside(path: Path) -> None:
    assert not re.fullmatch(r"(utils?|helpers?|common|misc|base|tools)", path.stem)


@pytest.mark.parametrize("path", PYTHON, ids=_name)
def test_a_module_says_what_it_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8").strip()
    assert not text or text.startswith('"""'), "begin with a docstring"


def test_only_send_opens_connections_to_platforms() -> None:
    opens = {_name(p) for p in _product() if OPENS.search(p.read_text(encoding="utf-8"))}
    assert opens <= CONNECTS.keys(), (
        "name the file and its reason in CONNECTS, or go through delivery/send.py"
    )


def test_only_the_clock_reads_the_time() -> None:
    reads = [_name(p) for p in _product() if TIME.search(p.read_text(encoding="utf-8"))]
    assert not [n for n in reads if not n.startswith(tuple(READS_TIME))], "take a Clock instead"


def test_nothing_is_left_open_in_the_source() -> None:
    words = re.compile(r"#\s*(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b|raise NotImplemented" + r"Error")
    assert not [_name(p) for p in PYTHON if words.search(p.read_text(encoding="utf-8"))]


def test_sql_lives_in_sql_files() -> None:
    # Tables whose name holds a period cannot be named in a file of fixed statements.
    allowed = {"fullsignal/journal/ids.py", "fullsignal/journal/outcomes.py", "fullsignal/journal/sql.py"}
    statement = re.compile(r'"(SELECT|INSERT|UPDATE|DELETE|CREATE TABLE)\b')
    found = {_name(p) for p in _product() if statement.search(p.read_text(encoding="utf-8"))}
    assert found <= allowed


@pytest.mark.parametrize("name", DESTINATIONS)
def test_a_destination_is_complete(name: str) -> None:
    """Adding one is a file, a line in the registry, a folder in the spec and a page in the docs."""
    assert spec.rows(name, "codes"), "its folder in fullsignal_spec"
    assert spec.vectors(name), "its vectors"
    assert spec.answers(name), "its recorded answers"
    assert (TOP / "docs" / "destinations" / f"{name}.md").exists(), "its page in docs/destinations"


def test_of_every_source_of_orders_it_is_said_whether_it_is_the_shop_itself() -> None:
    assert {*WEBHOOKS, *POLLS} == SHOPS | PAYMENTS
    assert not SHOPS & PAYMENTS


@pytest.mark.parametrize("name", WEBHOOKS)
def test_a_source_is_complete(name: str) -> None:
    assert (TOP / "docs" / "sources" / f"{name}.md").exists(), "its page in docs/sources"
    assert list((TOP / "tests" / "sources" / "fixtures").glob(f"{name}_*")), "its fixtures"


def test_nothing_names_the_machine_it_was_written_on() -> None:
    home = re.compile(r"(?<![\w.])/(home/\w+|root|Users/\w+)/")
    tracked = subprocess.run(["git", "ls-files"], cwd=TOP, capture_output=True, text=True, check=True).stdout
    guilty = []
    for name in tracked.split():
        path = TOP / name
        if path.suffix in {".py", ".md", ".toml", ".sql", ".json", ".ts", ".js", ""} and path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            if name != "tests/test_tidy.py" and home.search(text):
                guilty.append(name)
    assert not guilty
