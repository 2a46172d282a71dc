"""The pages about the browser script are held against the script, the server and `fullsignal tag`."""

from __future__ import annotations

import gzip
import importlib
import itertools
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from fullsignal import config
from fullsignal.cli import check_visitors
from fullsignal.collector import cookies
from fullsignal.journal import sightings
from fullsignal.stitch import ladder

from .test_docs import BLOCK, TEXTS, TOP, rows, section, words

SCRIPT = TOP / "src" / "fullsignal" / "browser"
TAGS = SCRIPT / "tags"
BROWSER, CONSENT = TEXTS["docs/browser.md"], TEXTS["docs/consent.md"]
# A module whose name is a command's, too.
tag: Any = importlib.import_module("fullsignal.cli.tag")


# However it is cut into files.
SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in sorted(SCRIPT.glob("*.ts")))


def found(pattern: str) -> str:
    match = re.search(pattern, SOURCE, re.DOTALL)
    assert match is not None, pattern
    return match[1]


# ---- what the script can be asked, and what it keeps ------------------------------------------------------


def test_every_call_of_the_public_api_has_a_row() -> None:
    methods = found(r"const methods = \{\n(.*?)\n\};")
    known = re.findall(r"^  (\w+)(?:\(|:|,)", methods, re.MULTILINE)
    known += re.findall(r'"(\w+)"', found(r"const MORE = \[(.*?)\]"))
    told = [re.findall(r"fullsignal\('(\w+)'", call)[0] for call, _ in rows(BROWSER, "| call |")]

    assert sorted(told) == sorted(known)
    assert len(told) == 10


def test_the_states_of_the_pixel_are_those_of_the_script_in_rising_order() -> None:
    known = re.findall(r'"(\w+)"', found(r"RISING: PixelState\[\] = \[(.*?)\]"))

    assert [words(state)[0] for state, *_ in rows(BROWSER, "| state | what was seen |")] == known
    assert tuple(known) == tuple(sightings.RANK)


def test_the_fields_of_forms_are_those_of_the_script() -> None:
    table = found(r"/\* token of `autocomplete`.*?= \{\n(.*?)\};")
    known = dict(re.findall(r'^  "?([\w-]+)"?: "(\w+)",$', table, re.MULTILINE))
    known.pop("external_id", None)  # no word of autocomplete's

    assert {words(a)[0]: words(b)[0] for a, b in rows(BROWSER, "| `autocomplete` |")} == known
    assert len(known) == 8


def test_every_click_id_of_the_landing_page_is_named() -> None:
    known = re.split(r"[| ]", found(r'CLICK_IDS =\s+"([\w |]+)"'))
    told = {word for _, what in rows(BROWSER, "| from | what |") for word in words(what)}

    assert len(known) == 13
    assert set(known) <= told


def test_what_is_stored_is_named() -> None:
    told = {words(name)[0]: period for _, name, _, period in rows(BROWSER, "| where | name |")}

    assert told.keys() == {cookies.VISITOR, cookies.MIRROR, "_fs", "_fs_q", "fs_debug"}
    assert set(re.findall(r'(?:read|write|remove)\("(\w+)"|OUTBOX = "(\w+)"', SOURCE)) == {
        ("_fs", ""),
        ("", "_fs_q"),
    }
    assert "sessionStorage.fs_debug" in SOURCE and SOURCE.count("sessionStorage") == 2
    assert "document.cookie =" not in SOURCE
    assert str(cookies.DAYS_MAX) in told[cookies.VISITOR]
    assert config.Browser().cookie_days == cookies.DAYS_MAX
    assert found(r"KEPT_MS = (\d+) \* 864e5") in told["_fs"]
    assert f"{float(found(r'OUTBOX_MAX = (2e5)')):,.0f} characters" in BROWSER


def test_numbers_are_those_of_the_script() -> None:
    beacon, size = (
        found(r"EVENTS_MAX = (\d+); // of a beacon"),
        float(found(r"BYTES_MAX = (\w+); // of a beacon")),
    )

    assert f"at most {beacon} events\n   and {size:,.0f} bytes" in BROWSER
    assert (found(r"SETTINGS_MS = (\d+)"), "within five\nseconds" in BROWSER) == ("5000", True)
    assert (found(r"\bBACKOFF = (\d+)"), "after 2 seconds" in BROWSER) == ("2000", True)
    assert (found(r"BACKOFF_MAX = (\w+)"), "up to a minute apart" in BROWSER) == ("6e4", True)
    assert (found(r"SAME_MS = (\d+)"), "within three\nseconds" in BROWSER) == ("3000", True)


def test_sizes_are_those_of_the_files() -> None:
    build = (TOP / "scripts" / "browser.py").read_text(encoding="utf-8")
    limit = re.search(r"SCRIPT_GZIP_BYTES_MAX = (\w+)", build)
    assert limit is not None
    told = {
        words(file)[0]: int(size.replace(",", "")) for file, _, size in rows(BROWSER, "| file | loaded |")
    }

    assert f"at most {int(limit[1]):,} bytes compressed" in BROWSER
    assert told.keys() == {path.name for path in SCRIPT.glob("fs*.js")}
    for name, size in told.items():
        packed = len(gzip.compress((SCRIPT / name).read_bytes(), 9, mtime=0))
        assert abs(packed - size) < size / 10, name


# ---- consent ----------------------------------------------------------------------------------------------

# ad_user_data, ad_storage, what unknown consent means -> what the script does
MODES = {
    ("granted", "granted", "send"): "go",
    ("granted", "granted", "hold"): "go",
    ("granted", "", "send"): "go",
    ("granted", "", "hold"): "bare",
    ("granted", "denied", "send"): "bare",
    ("granted", "denied", "hold"): "bare",
    ("", "granted", "send"): "go",
    ("", "", "send"): "go",
    ("", "denied", "send"): "bare",
    ("", "granted", "hold"): "hold",
    ("", "", "hold"): "hold",
    ("", "denied", "hold"): "hold",
    **{
        ("denied", store, unknown): "drop"
        for store in ("granted", "", "denied")
        for unknown in ("send", "hold")
    },
}


def test_the_table_of_consent_says_one_thing_of_every_case() -> None:
    values = {"any": ("granted", "denied", ""), "nothing": ("",), "granted or nothing": ("granted", "")}
    told: dict[tuple[str, ...], str] = {}
    for use, store, unknown, mode in rows(CONSENT, "| ad_user_data | ad_storage |"):
        uses, stores = (values.get(cell, (cell,)) for cell in (use, store))
        for case in itertools.product(uses, stores, unknown.split(" or ")):
            assert case not in told, case
            told[case] = mode

    assert told == MODES


def test_consent_tools_are_heard_in_the_order_that_is_told() -> None:
    tools = found(r"TOOLS: Row\[\] = \[(.*?)\n\];")
    names = ["own", *re.findall(r'^  \["(\w+)"', tools, re.MULTILINE), "consent_mode", "consent_mode_default"]
    told = [name for _, name, *_ in rows(CONSENT, "| | from |")]
    mark = {
        "own": "fullsignal('consent'", "tcf": "IAB TCF", "shopify": "customerPrivacy", "onetrust": "OneTrust",
        "cookiebot": "Cookiebot", "consent_mode": "`update`", "consent_mode_default": "`default`",
    }  # fmt: skip

    assert len(told) == len(names)
    for name, row in zip(names, told, strict=True):
        assert mark[name] in row


def test_what_opting_out_means_has_a_row_for_every_setting() -> None:
    told = [words(row[0])[0].strip('"') for row in rows(CONSENT, "| opt_out | what follows |")]

    assert tuple(told) == get_args(get_type_hints(config.Site)["opt_out"])


# ---- stitching --------------------------------------------------------------------------------------------


def test_the_ladder_is_the_one_of_the_code() -> None:
    told = [words(rung)[0] for rung, *_ in rows(TEXTS["docs/stitching.md"], "| rung |")]

    assert told == [*(rung for rung, *_ in ladder.LADDER), ladder.NONE]


# ---- what `fullsignal tag` prints -------------------------------------------------------------------------


def blocks_of(name: str) -> list[str]:
    return [
        re.sub(rf"^{indent}", "", text, flags=re.MULTILINE).rstrip()
        for indent, _, text in BLOCK.findall(TEXTS[name])
    ]


def printed(page: str, platform: str) -> list[str]:
    """For the site whose settings the page shows."""
    text = next(text for _, kind, text in BLOCK.findall(TEXTS[page]) if kind == "toml")
    built = config.build(tomllib.loads(text), TOP / "fullsignal.toml")
    (site,) = built.sites.values()
    return [part["text"] for part in tag.make(built, site, platform, tag._base(site, None), False)["parts"]]


@pytest.mark.parametrize("platform", ["html", "shopify", "nextjs", "gtm"])
def test_an_install_page_shows_what_is_printed(platform: str) -> None:
    page = f"docs/install/{platform}.md"
    shown = blocks_of(page)

    parts = printed(page, platform)
    assert parts
    for part in parts:
        assert part in shown, part
    assert f"fullsignal tag --platform {platform}" in TEXTS[page]


def test_every_platform_has_a_page() -> None:
    pages = "".join(text for name, text in TEXTS.items() if name.startswith("docs/install/"))

    assert {p for p in tag.PLATFORMS if f"fullsignal tag --platform {p}" not in pages} == set()


def test_the_events_of_the_custom_pixel_are_those_of_its_code() -> None:
    (code,) = printed("docs/install/shopify.md", "shopify-pixel")
    told = {
        words(theirs)[0]: words(ours)[0]
        for theirs, ours in rows(TEXTS["docs/install/shopify.md"], "| Shopify's event |")
    }

    subscribed = re.findall(r'analytics\.subscribe\("(\w+)"', code)
    assert sorted(told) == sorted(subscribed)
    for theirs, ours in told.items():
        after = code.split(f'analytics.subscribe("{theirs}"')[1].split("analytics.subscribe(")[0]
        assert f'event: "{ours}"' in after, theirs


def test_the_hooks_of_woocommerce_are_those_of_its_code() -> None:
    (code,) = printed("docs/install/woocommerce.md", "woocommerce")
    told = [words(hook)[0] for hook, _ in rows(TEXTS["docs/install/woocommerce.md"], "| hook |")]

    assert sorted(told) == sorted(re.findall(r"add_action\('(\w+)'", code))


# ---- recipes ----------------------------------------------------------------------------------------------


def node() -> str | None:
    return shutil.which("node", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))


@pytest.mark.skipif(node() is None, reason="no node here")
@pytest.mark.parametrize("name", [name for name in TEXTS if "```js\n" in TEXTS[name]])
def test_javascript_can_be_read(name: str, tmp_path: Path) -> None:
    for at, (indent, kind, text) in enumerate(BLOCK.findall(TEXTS[name])):
        if kind == "js":
            path = tmp_path / f"{at}.{'mjs' if 'export default' in text else 'js'}"
            path.write_text(re.sub(rf"^{indent}", "", text, flags=re.MULTILINE))
            said = subprocess.run([str(node()), "--check", str(path)], capture_output=True, text=True)
            assert said.returncode == 0, said.stderr


def test_what_check_asks_has_a_row_each() -> None:
    """The nginx recipe is run by tests/cli/test_check_browser_proxy.py."""
    told = {
        words(name)[0]
        for name, *_ in rows(section("docs/first-party.md", "What `check` measures"), "| check |")
    }
    cli = TOP / "src" / "fullsignal" / "cli"
    text = "".join((cli / f"check_{name}.py").read_text(encoding="utf-8") for name in ("browser", "visitors"))

    assert told == set(re.findall(r'f"([a-z ]+) \{(?:site\.name|site)\}"', text))


def test_days_and_numbers_are_those_of_the_code() -> None:
    page = TEXTS["docs/first-party.md"]
    assert f"more than {check_visitors.KNOWN_DAYS_MIN} days ago" in page
    assert f"more than {check_visitors.CAP_DAYS} days" in page
    assert f"fewer than {check_visitors.ENOUGH} of each" in page
    assert f"last {check_visitors.ADDRESSES_OF} visitors" in page
    assert f"{cookies.DAYS_MAX} days" in page
