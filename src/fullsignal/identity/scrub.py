"""Personal data and secrets out of URLs and properties, before anything is stored.

What is removed is cut out; what stays is never re-encoded, because platforms compare click ids byte for byte.
A parameter goes when `suspect` finds its name or its value personal or secret. Click ids always stay; `utm_*`
stay unless they hold an e-mail address.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import unquote

from fullsignal.identity.given import clean
from fullsignal.identity.ids import CLICK_IDS
from fullsignal.identity.properties import clean_properties
from fullsignal.identity.suspect import is_suspect_name, is_suspect_value, looks_like_address
from fullsignal.model import Note

URL_CHARACTERS_MAX: Final = 4_096

__all__ = ["clean_properties", "clean_url", "click_ids"]

_KEPT: Final = frozenset(
    {*CLICK_IDS, *("gclsrc", "gad_source", "gad_campaignid", "srsltid", "tblci", "yclid", "ttadid")}
)
_CLICK_ID: Final = re.compile(rf"[?&]({'|'.join(CLICK_IDS)})=([^&#]*)", re.IGNORECASE)
_AUTHORITY: Final = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*:)?//([^/?#]*@)")
_KEY: Final = re.compile(r"(?:^|[_-])key$", re.IGNORECASE)  # WooCommerce's ?key=wc_order_...
_SEGMENT: Final = re.compile(r"[^/]+")


def click_ids(url: str) -> dict[str, str]:
    """Click ids in the query by their name in `user.ids`: percent-decoded, else verbatim; the first wins."""
    if "?" not in url:
        return {}
    found: dict[str, str] = {}
    for name, value in _CLICK_ID.findall(url.partition("#")[0]):
        if value:
            found.setdefault(CLICK_IDS[name.lower()], unquote(value) if "%" in value else value)
    return found


def clean_url(url: str, notes: list[Note], field: str) -> str:
    """The URL without personal parameters, path segments and user:password@, at most 4,096 characters.

    Notes: `url_scrubbed` (something was removed), `url_cut` (too long: parameters other than click ids, and
    then utm_*, went), `url_too_long` (still too long: "" is returned). A click id is never cut.
    """
    if not url.isprintable() or url != url.strip():
        url = clean(url)
    path, query, fragment = _split(url)
    if "@" in path or "%40" in path:
        path = _clean_path(path)
    cleaned = path + _without(query, _is_suspect) + _without(fragment, _is_suspect)
    if cleaned != url:
        notes.append(Note("url_scrubbed", field, "Personal data or secrets were cut out of the address."))
    return cleaned if len(cleaned) <= URL_CHARACTERS_MAX else _shorten(cleaned, notes, field)


def _split(url: str) -> tuple[str, str, str]:
    """(path, "?query" or "", "#fragment" or ""), which together are the URL."""
    rest, hash_mark, fragment = url.partition("#")
    path, question_mark, query = rest.partition("?")
    return path, question_mark + query, hash_mark + fragment


def _clean_path(path: str) -> str:
    path = _AUTHORITY.sub(lambda found: (found[1] or "") + "//", path)
    return _SEGMENT.sub(lambda found: "removed" if looks_like_address(_decoded(found[0])) else found[0], path)


def _without(parameters: str, is_cut: Callable[[str, str], bool]) -> str:
    """`?a=1&b=2` or `#a=1` without the parameters for which `is_cut(name, value)`; the rest byte for byte."""
    if len(parameters) < 2:
        return parameters
    # A fragment may be a route with a query of its own: #/thanks?email=...
    route, mark, query = parameters[1:].rpartition("?") if parameters[0] == "#" else ("", "", parameters[1:])
    pairs = query.split("&")
    kept = [pair for pair in pairs if not _is_pair_cut(pair, is_cut)]
    if route and is_cut("", route):
        route, mark = "", ""
    elif len(kept) == len(pairs):
        return parameters
    rest = route + (mark if kept else "") + "&".join(kept)
    return parameters[0] + rest if rest else ""


def _is_pair_cut(pair: str, is_cut: Callable[[str, str], bool]) -> bool:
    name, equals, value = pair.partition("=")
    return is_cut(name, value) if equals else bool(pair) and is_cut("", pair)


def _is_suspect(name: str, value: str) -> bool:
    if name.lower() in _KEPT:
        return False
    name = _decoded(name)
    if looks_like_address(name):
        return True
    text = _decoded(value)
    if not text or name.startswith("utm_"):
        return looks_like_address(text)
    return bool(_KEY.search(name)) or is_suspect_name(name) or is_suspect_value(text)


def _decoded(text: str) -> str:
    # Twice: an address inside a URL inside a parameter is encoded twice.
    return unquote(unquote(text)) if "%" in text else text


def _shorten(url: str, notes: list[Note], field: str) -> str:
    path, query, _ = _split(url)
    for is_cut in (_is_neither_click_id_nor_utm, _is_no_click_id):
        shorter = path + _without(query, is_cut)
        if len(shorter) <= URL_CHARACTERS_MAX:
            notes.append(Note("url_cut", field, f"Parameters went, to fit {URL_CHARACTERS_MAX} characters."))
            return shorter
    notes.append(Note("url_too_long", field, f"Longer than {URL_CHARACTERS_MAX} characters; it was dropped."))
    return ""


def _is_neither_click_id_nor_utm(name: str, _: str) -> bool:
    return name.lower() not in _KEPT and not name.startswith("utm_")


def _is_no_click_id(name: str, _: str) -> bool:
    return name.lower() not in CLICK_IDS
