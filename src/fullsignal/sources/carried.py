"""What the browser knew and an order carries along: visitor, click and browser ids, consent.

The browser script writes `_fs_*` attributes into the cart, and the shop copies them into the order. Without
the script, the landing page's own query still holds the click id.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlsplit

import msgspec

from fullsignal.model import Consent, Text
from fullsignal.sources.reading import Document

# Query parameters that ad platforms add to a landing page, spelled as they spell them.
CLICK_IDS: Final = (
    "ttclid", "fbclid", "gclid", "wbraid", "gbraid", "dclid", "msclkid",
    "ScCid", "epik", "twclid", "li_fat_id", "rdt_cid", "irclickid",
)  # fmt: skip
# our name -> the attributes it may stand in; a cookie's id never stands in a query
COOKIE_IDS: Final = {"ttp": ("_fs_ttp", "_ttp"), "fbp": ("_fs_fbp", "_fbp"), "fbc": ("_fs_fbc", "_fbc")}
QUERY_FIELDS_MAX: Final = 200


def ids(attributes: Mapping[str, str], landing: str) -> dict[str, Text | None]:
    """Click and browser ids. What the script wrote wins over the landing page, often of an older visit."""
    query = _query(landing)
    found: dict[str, Text | None] = {}
    for name in CLICK_IDS:
        found[name] = attributes.get(f"_fs_{name}") or attributes.get(name) or query.get(name) or ""
    for name, (ours, theirs) in COOKIE_IDS.items():
        found[name] = attributes.get(ours) or attributes.get(theirs) or ""
    return {name: value for name, value in found.items() if value}


def consent(attributes: Mapping[str, str], document: Document) -> Consent | None:
    """`_fs_consent`, written as "ad_storage=granted;ad_user_data=denied"; None where it says nothing."""
    told = {}
    for part in attributes.get("_fs_consent", "").split(";"):
        name, _, state = (word.strip() for word in part.partition("="))
        if name in Consent.__struct_fields__ and state in {"granted", "denied"}:
            told[name] = state
        elif part.strip():
            # What is not understood stays unknown; the site's consent_unknown decides, never a guess here.
            document.note(
                "consent_unreadable", "_fs_consent", "A part of the consent is not readable; unknown."
            )
    return msgspec.convert(told, Consent) if told else None


def page_url(host_of: str, landing: str) -> str | None:
    """The landing page on the host of another of the shop's URLs. Only path and query of `landing` count."""
    try:
        host = urlsplit(host_of).hostname or urlsplit(landing).hostname or ""
        to = urlsplit(landing)
    except ValueError:
        return None
    if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", host):
        return None
    path = "/" + to.path.lstrip("/")
    return f"https://{host}{path}{'?' if to.query else ''}{to.query}"


def _query(url: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(urlsplit(url).query, max_num_fields=QUERY_FIELDS_MAX)
    except ValueError:
        return {}
    return dict(reversed(pairs))  # the first of a repeated parameter, as a browser's `get` gives it
