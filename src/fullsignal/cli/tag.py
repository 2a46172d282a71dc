"""`fullsignal tag`: what to paste into a shop's pages, with its own key and address in it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import click

from fullsignal.cli import show
from fullsignal.cli.errors import ASKED_WRONGLY, CommandError
from fullsignal.cli.options import config_option, json_option, known_site, load, site_option

if TYPE_CHECKING:
    from fullsignal.config import Config, Site

PLATFORMS: Final = ("html", "shopify", "shopify-pixel", "woocommerce", "nextjs", "gtm")
# Keeps what a page calls before the script is there.
STUB: Final = (
    "window.fullsignal=window.fullsignal||function(){(fullsignal.q=fullsignal.q||[]).push(arguments)}"
)
# Where the page's own copy of the stub stands word for word, a policy may name it by its digest.
_INLINE: Final = frozenset({"html", "woocommerce"})
_NO_PAGE_OF_OURS: Final = frozenset({"shopify", "shopify-pixel"})  # Shopify writes the policy
_PIXEL_HOST: Final = "https://analytics.tiktok.com"
_ADDRESS: Final = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~%/-]*)?")
_KEY: Final = re.compile(r"[A-Za-z0-9._~-]+")


@click.command(short_help="What to paste into the shop's pages.")
@config_option
@site_option
@click.option(
    "--platform", type=click.Choice(PLATFORMS), default="html", help="For which kind of shop: html."
)
@click.option("--sri", is_flag=True, help="Pin this release of the script by its digest (integrity).")
@click.option("--url", help="Where pages load the script from. Default: browser.script_url.")
@json_option
def tag(
    config_path: Path | None, site: str | None, platform: str, sri: bool, url: str | None, as_json: bool
) -> None:
    """Print what to paste into a shop's pages, so that they load the browser script.

    With the site's own public key and address. Where each part goes, and examples, are said on stderr, so
    that stdout has nothing but what is pasted.

    \b
    Example:
      fullsignal tag --platform shopify
      fullsignal tag --platform shopify-pixel > pixel.js

    Exit codes: 0 it was printed, 2 the configuration cannot be used or says too little.
    """
    config = load(config_path)
    of = _site(config, site)
    report = make(config, of, platform, _base(of, url), sri)
    if as_json:
        show.as_json(report)
        return
    for part in report["parts"]:
        click.secho(f"# {part['where']}", fg="cyan", err=True)
        click.echo(part["text"], err=part["optional"])
    for note in report["notes"]:
        click.echo(f"# {note}", err=True)
    for line in report["content_security_policy"]:
        click.echo(f"#   {line}", err=True)


def make(config: Config, site: Site, platform: str, base: str, sri: bool) -> dict[str, Any]:
    """base: the address of the script's folder, without a slash at the end."""
    from fullsignal import browser

    if sri and platform == "shopify-pixel":
        raise CommandError("A custom pixel loads no script, so there is nothing for --sri.", ASKED_WRONGLY)
    src = f"{base}/fs.{browser.HASH}.js" if sri else f"{base}/fs.js"
    words = _words(config, site, base, src, browser.INTEGRITY if sri else "")
    return {
        "site": site.name,
        "platform": platform,
        "src": src,
        "integrity": browser.INTEGRITY if sri else "",
        "parts": _parts(platform, words, has_path=bool(words["path"])),
        "content_security_policy": _policy(site, platform, base),
        "notes": _notes(platform, sri),
    }


def _words(config: Config, site: Site, base: str, src: str, integrity: str) -> dict[str, str]:
    """What stands between @@ and @@ in src/fullsignal/browser/tags/."""
    key = _key(site)
    # The checkout knows the order's id alone; a sale that is called after its number is left to the server.
    template = site.orders.purchase_id
    knows = site.orders.order_ref == "id" and "{order_number}" not in template
    pinned = f'integrity="{integrity}"'
    return {
        "stub": STUB,
        "src": src,
        "key": key,
        "path": urlsplit(base).path,
        "server": f"http://127.0.0.1:{config.server.port}",
        "integrity": f' {pinned} crossorigin="anonymous"' if integrity else "",
        "integrity_jsx": f' {pinned} crossOrigin="anonymous"' if integrity else "",
        "integrity_js": f'\n    script.integrity = "{integrity}";\n    script.crossOrigin = "anonymous";'
        if integrity
        else "",
        "base_js": json.dumps(base),
        "key_js": json.dumps(key),
        "purchase_js": json.dumps(template if knows else ""),
        "person_js": json.dumps(not site.browser.hash_in_browser),
        "content_id_js": json.dumps(site.orders.content_id),
        "content_id_php": _php(site.orders.content_id),
        "country_js": json.dumps(site.country),
        "country_php": _php(site.country),
    }


def _php(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _parts(platform: str, words: dict[str, str], has_path: bool) -> list[dict[str, Any]]:
    """`== where` begins a part; `==? where` an optional one or an example; `==/ where` one for paths."""
    from importlib.resources import files

    text = files("fullsignal.browser").joinpath("tags", f"{platform}.txt").read_text(encoding="utf-8")
    filled = re.sub(r"@@(\w+)@@", lambda found: words[found[1]], text)
    return [
        {"where": where, "text": part.rstrip(), "optional": mark == "?"}
        for mark, where, part in re.findall(r"^==([?/]?) (.+)\n((?:(?!==).*\n)*)", filled, re.MULTILINE)
        if has_path or mark != "/"
    ]


def _policy(site: Site, platform: str, base: str) -> list[str]:
    """For a Content-Security-Policy that the shop sends."""
    if platform in _NO_PAGE_OF_OURS:
        return []
    to = urlsplit(base)
    origins = [f"{to.scheme}://{to.netloc}", *([_PIXEL_HOST] if site.browser.pixel else [])]
    digest = base64.b64encode(hashlib.sha256(STUB.encode()).digest()).decode()
    inline = [f"'sha256-{digest}'"] if platform in _INLINE else []
    return [
        f"script-src {' '.join([*origins, *inline])}",
        f"connect-src {' '.join(origins)}",
    ]


def _notes(platform: str, sri: bool) -> list[str]:
    notes = []
    if sri:
        notes.append(
            "After an upgrade of fullsignal run this again: the server has one release of the script."
        )
    if platform == "shopify":
        notes.append("The checkout needs the custom pixel too: fullsignal tag --platform shopify-pixel")
    if platform not in _NO_PAGE_OF_OURS:
        notes.append("Where the shop sends a Content-Security-Policy, it needs:")
    return notes


def _site(config: Config, name: str | None) -> Site:
    known_site(config, name)
    if name is None and len(config.sites) > 1:
        raise CommandError(f"Which one: {', '.join(config.sites)}? Say --site.", ASKED_WRONGLY)
    return config.sites[name] if name else next(iter(config.sites.values()))


def _key(site: Site) -> str:
    if not site.public_keys:
        raise CommandError(
            f"site.{site.name} has no public_keys, and pages send with one. Add a key that begins with pk_.",
            ASKED_WRONGLY,
        )
    if not _KEY.fullmatch(site.public_keys[0]):
        raise CommandError(
            f"site.{site.name}.public_keys: the first cannot stand in a page. Use letters, digits, - and _.",
            ASKED_WRONGLY,
        )
    return site.public_keys[0]


def _base(site: Site, url: str | None) -> str:
    """The folder of the script's address: https://shop.example/_s of https://shop.example/_s/fs.js."""
    text = url or site.browser.script_url
    where = "--url" if url else f"site.{site.name}.browser.script_url"
    if not text:
        raise CommandError(
            f"{where} is not set: where do pages load the script from? Set it, for example to "
            f"https://shop.example/_s/fs.js, or say --url. docs/first-party.md shows the choices.",
            ASKED_WRONGLY,
        )
    if not _ADDRESS.fullmatch(text):
        raise CommandError(
            f"{where} is no address of a script. Write it like https://shop.example/_s/fs.js.", ASKED_WRONGLY
        )
    return re.sub(r"/[^/]*\.js$", "", text).rstrip("/")
