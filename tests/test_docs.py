"""The pages are held against the code, so that they cannot rot.

Other tests hold the rest: tests/test_docs_tables.py what is said of states, consent and platforms,
tests/test_docs_browser.py the pages about the browser script,
tests/emulator/test_docs.py the emulator's page with its switches, tests/sources/test_order_rules.py the order
rules.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest

import fullsignal
from fullsignal import config
from fullsignal.cli import main
from fullsignal.destinations import get
from fullsignal.destinations.tiktok import account
from fullsignal.gateway import Gateway
from fullsignal.model import RawEvent, RejectedError
from fullsignal.sources import api

TOP = Path(__file__).parent.parent
SRC = TOP / "src"
DOCS = TOP / "docs"
PAGES = [*sorted(TOP.glob("*.md")), *sorted(DOCS.rglob("*.md")), *sorted((TOP / "changelog.d").glob("*.md"))]
TEXTS = {page.relative_to(TOP).as_posix(): page.read_text(encoding="utf-8") for page in PAGES}
BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
SOURCES = {p: p.read_text(encoding="utf-8") for p in sorted((SRC / "fullsignal").rglob("*.py"))}

each_page = pytest.mark.parametrize("name", TEXTS)


def blocks(name: str, kind: str) -> list[str]:
    found = [(indent, text) for indent, k, text in BLOCK.findall(TEXTS[name]) if k == kind]
    return [re.sub(rf"^{indent}", "", text, flags=re.MULTILINE) for indent, text in found]


def prose(name: str) -> str:
    return BLOCK.sub("", TEXTS[name])


def section(name: str, heading: str) -> str:
    return re.split(r"^## ", TEXTS[name].split(f"\n## {heading}\n")[1], flags=re.MULTILINE)[0]


def rows(text: str, header: str) -> list[list[str]]:
    """The cells of the table whose first line begins like `header`."""
    lines = text[text.index(f"\n{header}") + 1 :].split("\n\n")[0].splitlines()[2:]
    cells = [re.split(r"(?<!\\)\|", line.strip().strip("|")) for line in lines if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in cells]


def words(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


# ---- links, paths, words --------------------------------------------------------------------------------


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", BLOCK.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings}


@each_page
def test_every_link_leads_somewhere(name: str) -> None:
    for path, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)#?([^)\s]*)\)", prose(name)):
        target = (TOP / name).parent / path if path else TOP / name
        assert target.exists(), path
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), f"{path}#{anchor}"


@each_page
def test_every_path_that_is_named_exists(name: str) -> None:
    for path in re.findall(
        r"`((?:src|tests|docs|benchmarks|changelog\.d)/[^`<>\s]*?)(?:::\w+)?`", prose(name)
    ):
        assert list(TOP.glob(path)), path
    for path in re.findall(r"`([a-z_]+/[a-z_/]+\.(?:py|sql))(?:::\w+)?`", prose(name)):
        places = (TOP, SRC, SRC / "fullsignal", SRC / "fullsignal" / "destinations")
        assert any((place / path).exists() for place in places), path


def test_the_tour_names_functions_where_they_are() -> None:
    named = set(re.findall(r"`(\w+)\.([a-z_]+)`", prose("docs/tour.md")))
    files = {"py", "ts", "sql", "md", "json", "db", "toml"}
    missing = {
        (where, name)
        for where, name in named
        if name not in files
        and not any(
            re.search(rf"^ *(async )?def {name}\b", text, re.MULTILINE)
            for path, text in SOURCES.items()
            if where in (path.stem, path.parent.name) or f"\nclass {where}" in text
        )
    }

    assert len(named) > 30
    assert missing == set()


def test_every_page_is_in_the_list_of_pages() -> None:
    listed = set(re.findall(r"\]\(([^)]+)\)", TEXTS["docs/README.md"]))
    pages = {p.relative_to(DOCS).as_posix() for p in DOCS.rglob("*.md")} - {"README.md"}

    assert pages - listed == set()


@each_page
def test_nothing_is_advertised(name: str) -> None:
    praise = r"\b(anonym(?!ousId)|seamless|blazing|powerful|effortless|world-class|cutting-edge|robust)"
    assert re.findall(praise, prose(name), re.IGNORECASE) == []


@pytest.mark.parametrize("path", sorted((DOCS / "decisions").glob("*.md")), ids=lambda p: p.stem)
def test_a_decision_says_why_what_else_and_at_what_cost(path: Path) -> None:
    headings = re.findall(r"^\*\*(\w+)\.\*\*", path.read_text(encoding="utf-8"), re.MULTILINE)

    assert headings == ["Context", "Decision", "Alternatives", "Cost"]
    assert re.match(rf"# {int(path.stem[:4])}\. ", path.read_text(encoding="utf-8"))


@each_page
def test_every_make_target_exists(name: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (TOP / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    shown = "\n".join([*blocks(name, "sh"), *words(prose(name))])

    assert set(re.findall(r"^make ([a-z]+)", shown, re.MULTILINE)) - targets == set()


# ---- snippets -------------------------------------------------------------------------------------------


@each_page
def test_snippets_can_be_read(name: str) -> None:
    for text in blocks(name, "python"):
        compile(text, name, "exec")
    for text in blocks(name, "json"):
        json.loads(text)


@each_page
def test_every_configuration_can_be_used(name: str) -> None:
    for text in blocks(name, "toml"):
        built = config.build(tomllib.loads(text), TOP / "fullsignal.toml")
        for connection in built.connections():
            get(connection.destination).settings(connection)


def test_every_event_of_the_api_page_is_taken() -> None:
    shown = [t for t in blocks("docs/events-api.md", "json") if {"event", "batch"} & json.loads(t).keys()]

    assert len(shown) == 2
    for text in shown:
        assert not [one for one in api.decode(text.encode()) if isinstance(one, RejectedError)]


@pytest.mark.parametrize(
    "name",
    [
        "docs/events-api.md",
        "docs/sources/segment.md",
        "docs/sources/shopify.md",
        "docs/sources/stripe.md",
        "docs/sources/woocommerce.md",
        "docs/tour.md",
    ],
)
async def test_what_is_posted_gets_the_answer_that_is_shown(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEYS", "sk_YOUR_SECRET_KEY")
    monkeypatch.setenv("HOOK", "hush")
    monkeypatch.setenv("TOKEN", "test_1")
    (tmp_path / "fullsignal.toml").write_text(
        '[server]\nport = 0\n[site.shop]\ncountry = "US"\nsecret_keys_env = "KEYS"\n'
        '[site.shop.shopify]\nsecrets_env = "HOOK"\n'
        '[site.shop.woocommerce]\nsecrets_env = "HOOK"\n[site.shop.stripe]\nsecrets_env = "HOOK"\n'
        '[site.shop.tiktok]\npixel_code = "CD9079RC77U0N3GBV16Y"\naccess_token_env = "TOKEN"\n'
    )
    pairs = [(kind, text) for _, kind, text in BLOCK.findall(TEXTS[name])]
    run = 0
    async with Gateway(config.load(tmp_path / "fullsignal.toml")) as gateway:
        for (kind, command), (next_kind, shown) in zip(pairs, [*pairs[1:], ("", "")], strict=True):
            if kind != "sh" or "curl" not in command:
                continue
            here = command.replace("http://127.0.0.1:8080", gateway.url).replace("curl -i", "curl -s")
            process = await asyncio.create_subprocess_exec("bash", "-c", here, stdout=asyncio.subprocess.PIPE)
            answer = json.loads((await process.communicate())[0])
            assert {one["status"] for one in answer["results"]} == {"accepted"}
            if next_kind == "json":
                assert answer == json.loads(shown)
            run += 1
    assert run == 1


# ---- configuration, commands, API ------------------------------------------------------------------------

_OF_THE_CONNECTION = ("destination", *config.reading._CONNECTION_FIELDS)


@pytest.mark.parametrize(
    ("heading", "struct", "names"),
    [
        ("`[server]`", config.Server, config.Server.__struct_fields__),
        ("`[site.<name>]`", config.Site, config.reading._SITE_FIELDS),
        ("`[site.<name>.orders]`", config.Orders, config.Orders.__struct_fields__),
        ("`[site.<name>.shopify]`", config.Shopify, config.Shopify.__struct_fields__),
        ("`[site.<name>.woocommerce]`", config.WooCommerce, config.WooCommerce.__struct_fields__),
        ("`[site.<name>.stripe]`", config.Stripe, config.Stripe.__struct_fields__),
        ("`[site.<name>.paypal]`", config.PayPal, config.PayPal.__struct_fields__),
        ("`[site.<name>.bigcommerce]`", config.BigCommerce, config.BigCommerce.__struct_fields__),
        ("`[site.<name>.magento]`", config.Magento, config.Magento.__struct_fields__),
        ("`[site.<name>.segment]`", config.Segment, config.Segment.__struct_fields__),
        ("`[site.<name>.ga4]`", config.GA4, config.GA4.__struct_fields__),
        ("`[site.<name>.browser]`", config.Browser, config.Browser.__struct_fields__),
        ("A connection: `[site.<name>.tiktok]`", config.Connection, _OF_THE_CONNECTION),
        ("What TikTok's connection has besides", None, account._KNOWN),
    ],
)
def test_every_setting_is_explained_with_its_default(
    heading: str, struct: Any, names: tuple[str, ...]
) -> None:
    table = rows(section("docs/configuration.md", heading), "| setting |")
    told = {words(setting)[0]: default for setting, default, sentence in table if sentence}
    made = {f.name: f.default_factory for f in msgspec.structs.fields(struct)} if struct else {}
    defaults = {f.name: f.default for f in msgspec.structs.fields(struct)} if struct else {}
    defaults |= {name: make() for name, make in made.items() if make is not msgspec.NODEFAULT}

    assert told.keys() == set(names)
    for name, cell in told.items():
        if words(cell):
            shown = tomllib.loads(f"v = {words(cell)[0]}")["v"]
            assert name not in defaults or shown == defaults[name], name
        else:
            tables = (None, config.Orders(), config.Segment(), config.Browser(), msgspec.NODEFAULT)
            assert defaults[name] in tables, name


def commands(command: click.Command = main, path: str = "fullsignal") -> Iterator[tuple[str, click.Command]]:
    if path != "fullsignal":
        yield path, command
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from commands(below, f"{path} {name}")


@pytest.mark.parametrize(("path", "command"), list(commands()), ids=lambda x: x if isinstance(x, str) else "")
def test_every_command_and_option_is_on_the_page(path: str, command: click.Command) -> None:
    text = section("docs/cli.md", f"`{path}`")
    flags = {p.opts[0] for p in command.params if isinstance(p, click.Option)} - {"--help"}

    assert flags - set(words(BLOCK.sub("", text))) == set()
    assert "Exit codes:" in text
    assert isinstance(command, click.Group) or f"```sh\n{path}" in text or f"| {path}" in text


@each_page
def test_every_command_that_is_shown_can_be_typed(name: str) -> None:
    known = dict(commands())
    shown = "\n".join([*blocks(name, "sh"), *words(prose(name))])
    for line in re.findall(r"(?:^|\| |/)(fullsignal [a-z][^|\n]*)", shown, re.MULTILINE):
        typed = shlex.split(line.rstrip("'"), comments=True)
        path = max((p for p in known if f"{' '.join(typed)} ".startswith(f"{p} ")), key=len, default="")
        assert path, line
        options = {o for p in known[path].params for o in (*p.opts, *p.secondary_opts)}
        assert {word for word in typed if word.startswith("--")} - options == set(), line


def test_every_field_of_the_event_is_explained() -> None:
    def fields(struct: Any, path: str = "") -> Iterator[str]:
        for field in msgspec.structs.fields(struct):
            yield path + field.name
            below = re.search(r"(Raw\w+|Consent)\b", str(field.type))
            if below:
                yield from fields(getattr(fullsignal.model, below[1]), f"{path}{field.name}.")

    told = set(words(" ".join(row[0] + row[1] for row in rows(TEXTS["docs/events-api.md"], "| field |"))))
    assert set(fields(RawEvent)) - told == set()


def test_every_parameter_of_the_client_is_explained() -> None:
    known = dict(inspect.signature(fullsignal.Client).parameters)
    told = {words(r[0])[0]: r[1].strip("`") for r in rows(TEXTS["docs/events-api.md"], "| parameter |")}

    assert told == {n: "" if p.default is p.empty else str(p.default) for n, p in known.items()}
