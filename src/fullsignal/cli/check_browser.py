"""Is the script where pages load it, does its server answer there, and do its cookies arrive as they left?

Asked as a browser would ask. What is posted is a beacon without an event, of a visitor whom the collector
never remembers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote, urlsplit

from fullsignal import browser
from fullsignal.cli import check_first_party as first_party
from fullsignal.cli.fetch import Reply, fetch
from fullsignal.cli.finding import Finding, fail, ok, warn
from fullsignal.collector import cookies
from fullsignal.collector.browser import CHECKING
from fullsignal.config import Config, Site, is_loopback

_PROXY: Final = f"Let the proxy pass everything on unchanged: {first_party.DOCS}."
_GRANTED: Final = {"ad_storage": "granted", "ad_user_data": "granted"}
_BEACON: Final = json.dumps(
    {"v": 1, "visitor": CHECKING, "store": True, "consent": _GRANTED, "events": []}
).encode()


def findings(config: Config, offline: bool, page: str) -> Iterator[Finding]:
    """page: of the shop, where it was said; "" is what the site's settings say."""
    if offline:
        return
    for site in config.sites.values():
        if site.browser.script_url:
            yield from _site(site, page)


def _site(site: Site, page: str) -> Iterator[Finding]:
    url = site.browser.script_url
    page, page_from = _page(site, page)
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(page))
    script = fetch(url, origin)
    yield _script(site, url, script)
    if script.status != 200:
        return
    if not site.public_keys:
        yield fail(f"beacon {site.name}", "The site has no public key.", "Set public_keys.")
        return
    base, key = url.rpartition("/")[0], quote(site.public_keys[0])
    if script.body == browser.SCRIPT:  # another release has other parts
        yield _parts(site, base, origin)
    yield _settings(site, fetch(f"{base}/s?key={key}", origin), origin)
    beacon = fetch(f"{base}/b?key={key}", origin, _BEACON)
    yield _beacon(site, beacon)
    if beacon.status == 202 and site.browser.cookie_days:
        yield _cookies(site, url, page, beacon)
    yield _first_party(site, url, page, page_from)
    yield from _who_asks(site, base, fetch(f"{base}/readyz", origin))


def _page(site: Site, said: str) -> tuple[str, str]:
    """The shop's page, and how we know it."""
    if said:
        return said, "the page is the one you named"
    url = site.browser.script_url
    of_connections = (str(c.settings.get("page_url", "")) for c in site.connections)
    found = next((page for page in of_connections if page), "")
    if found and not is_loopback(url):  # in a trial the pages are where the script is
        return found, "the page is page_url"
    to = urlsplit(url)
    host = cookies.registrable(to.hostname or "") or to.netloc
    return f"{to.scheme}://{host}/", f"the page is taken for {host}: --page or page_url says otherwise"


# ---- the answers -------------------------------------------------------------------------------------------


def _script(site: Site, url: str, reply: Reply) -> Finding:
    name = f"script {site.name}"
    if not reply.status:
        return fail(name, f"{url} does not answer: {reply.error}.", _remedy_unreachable(url))
    if reply.status != 200:
        return fail(
            name, f"{url} answers {reply.status}.", "Is the path right, and does the proxy take /_s off?"
        )
    if reply.body != browser.SCRIPT:
        if b"_fs_vid" in reply.body or b"fullsignal" in reply.body:
            return warn(
                name,
                f"{url} is another version than this one's ({browser.HASH}).",
                "Restart `fullsignal serve` after an upgrade; a cache in front keeps it for up to an hour.",
            )
        return fail(
            name, f"{url} is not our script.", "Set script_url to the address that pages load it from."
        )
    kind = reply.header("content-type")
    if not kind.startswith(("text/javascript", "application/javascript")):
        return fail(name, f"{url} comes as {kind or 'nothing'}; browsers do not run that.", _PROXY)
    if urlsplit(url).scheme != "https" and not is_loopback(url):
        return warn(
            name,
            f"{url} is not https: pages with https do not load it, and its cookies are not Secure.",
            "Put HTTPS in front: docs/operations.md.",
        )
    return ok(name, f"{url} is our script, version {browser.HASH}")


def _parts(site: Site, base: str, origin: str) -> Finding:
    """What the script loads where a page has use for it."""
    name = f"parts {site.name}"
    for part in browser.PARTS:
        digest, text = browser.part(part)
        reply = fetch(f"{base}/fs-{part}.{digest}.js", origin)
        if reply.body != text:
            said = f"answers {reply.status}" if reply.status != 200 else "is not what it should be"
            return fail(
                name, f"{base}/fs-{part}.{digest}.js {said}.", f"The script loads it from there. {_PROXY}"
            )
    return ok(name, f"{', '.join(browser.PARTS)} come from beside it")


def _remedy_unreachable(url: str) -> str:
    return (
        f"Try `curl -i {url}` on this machine. Name server, certificate, firewall and proxy come before us."
    )


def _settings(site: Site, reply: Reply, origin: str) -> Finding:
    name = f"settings {site.name}"
    said = _json(reply)
    if reply.status != 200 or "unknown" not in said:
        return fail(name, f"GET /s answers {_shown(reply)}.", _remedy(reply))
    allowed = reply.header("access-control-allow-origin")
    if allowed != origin or reply.header("access-control-allow-credentials") != "true":
        return fail(
            name,
            f"GET /s allows {allowed or 'no page'}, not {origin}: browsers keep the answer from the script.",
            _PROXY,
        )
    if "no-store" not in reply.header("cache-control"):
        return fail(name, "GET /s may be cached: visitors would get another's region.", _PROXY)
    means = {"send": "are sent", "hold": "are held"}.get(str(said["unknown"]), "?")
    return ok(
        name,
        f"region {said.get('region') or 'not known'}: events without consent {means} (as asked from here)",
    )


def _beacon(site: Site, reply: Reply) -> Finding:
    name = f"beacon {site.name}"
    if reply.status != 202 or "visitor" not in _json(reply):
        return fail(name, f"POST /b answers {_shown(reply)}.", _remedy(reply))
    return ok(name, "POST /b takes what the script sends")


def _shown(reply: Reply) -> str:
    if not reply.status:
        return f"nothing: {reply.error}"
    problems = _json(reply).get("errors")
    return f"{reply.status} {problems[0].get('message', '')}" if problems else str(reply.status)


def _remedy(reply: Reply) -> str:
    problems = _json(reply).get("errors")
    return str(problems[0].get("remedy", _PROXY)) if problems else _PROXY


def _json(reply: Reply) -> dict[str, Any]:
    try:
        said = json.loads(reply.body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


# ---- cookies -----------------------------------------------------------------------------------------------


def _cookies(site: Site, url: str, page: str, reply: Reply) -> Finding:
    name = f"cookies {site.name}"
    found = dict(_cookie(text) for text in reply.cookies())
    missing = [one for one in (cookies.VISITOR, cookies.MIRROR) if one not in found]
    if missing:
        return fail(
            name, f"{' and '.join(missing)} did not arrive.", f"A proxy takes Set-Cookie out. {_PROXY}"
        )
    wrong = []
    for one, expected in _expected(site, url, page).items():
        got = found[one]
        wrong += [
            f"{one} has {attribute} {got.get(attribute) or 'not'} instead of {value or 'not'}"
            for attribute, value in expected.items()
            if got.get(attribute, "") != value
        ]
    if wrong:
        return warn(
            name,
            "; ".join(wrong) + ".",
            "The proxy has to pass Host and X-Forwarded-Proto on, to stand in trusted_proxies, and to leave "
            "Set-Cookie alone; a server that was not restarted has the settings of before.",
        )
    kept = found[cookies.VISITOR]
    days = int(kept["max-age"]) // 86_400
    return ok(name, f"HttpOnly and a readable mirror, for {kept['domain'] or 'this host'} and {days} days")


def _expected(site: Site, url: str, page: str) -> dict[str, dict[str, str]]:
    """What `POST /b` sets."""
    host, secure = urlsplit(url).hostname or "", urlsplit(page).scheme == "https"
    days = min(site.browser.cookie_days, cookies.DAYS_MAX)
    both = {
        "domain": cookies.domain_for(host, site.browser.cookie_domain, urlsplit(page).hostname or ""),
        "path": "/",
        "max-age": str(days * 86_400),
        "samesite": "Lax",
        "secure": "yes" if secure else "",
    }
    return {cookies.VISITOR: {**both, "httponly": "yes"}, cookies.MIRROR: {**both, "httponly": ""}}


def _cookie(text: str) -> tuple[str, dict[str, str]]:
    """(name, attributes by their names in small letters; one without a value is "yes")."""
    first, *rest = text.split(";")
    pairs = (part.strip().partition("=") for part in rest)
    attributes = {name.casefold(): value or "yes" for name, _, value in pairs}
    attributes["domain"] = attributes.get("domain", "").lstrip(".")
    return first.partition("=")[0].strip(), attributes


# ---- where it is, and who asks -----------------------------------------------------------------------------


def _first_party(site: Site, url: str, page: str, page_from: str) -> Finding:
    name = f"first party {site.name}"
    try:
        ours, theirs = (first_party.resolve((urlsplit(one).hostname or "").casefold()) for one in (url, page))
    except OSError as error:
        return warn(
            name,
            f"The name servers do not know the script's or the page's host ({error.strerror or error}); "
            f"{page_from}.",
            "Name the shop's page: fullsignal check --page https://…",
        )
    found = first_party.relation(theirs, ours)
    return first_party.finding(name, found, site.browser.cookie_days, page_from)


def _who_asks(site: Site, base: str, readyz: Reply) -> Iterator[Finding]:
    """/readyz tells details to this machine and its network alone, and to nobody for whom a proxy asks.

    Whoever gets them through the world's address comes by a proxy that hides who asks.
    """
    if "connections" in _json(readyz) and not is_loopback(base):
        yield fail(
            f"proxy {site.name}",
            "The proxy does not say who asks (X-Forwarded-For): to the collector every visitor is the proxy.",
            f"Let it send X-Forwarded-For, and put its address into trusted_proxies: {first_party.DOCS}.",
        )
