"""The visitor's cookies: `_fs_vid`, which no script can read, and its readable mirror `_fs_v`.

Set by the server because browsers cut short what scripts set: Safari's limit is seven days. Their domain is
the shop's registrable one, so that every host of the shop has the same visitor.
"""

from __future__ import annotations

import ipaddress
import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from fullsignal.collector.replies import Headers
from fullsignal.sources.browser import is_visitor

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

VISITOR: Final = "_fs_vid"
MIRROR: Final = "_fs_v"
DAYS_MAX: Final = 395  # Chrome cuts at 400
_HOST: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


def visitor(header: bytes) -> str:
    """The visitor's id in a `Cookie` header; "" is none. The first that is one, where a name comes twice."""
    for pair in header.decode("latin-1").split(";"):
        name, _, value = pair.strip().partition("=")
        if name == VISITOR and is_visitor(value):
            return value
    return ""


def setting(visitor_id: str, days: int, domain: str, secure: bool) -> Headers:
    """Both cookies, for so many days from now. domain: "" is this host alone."""
    return _cookies(visitor_id, min(days, DAYS_MAX) * 86_400, domain, secure)


def expiring(domain: str, secure: bool) -> Headers:
    """Both cookies gone, also those of a time when they were this host's alone."""
    return [*_cookies("", 0, "", secure), *(_cookies("", 0, domain, secure) if domain else [])]


def domain_for(host: str, wanted: str, page: str) -> str:
    """The cookies' Domain; "" is none, which leaves them to the host that the browser sees.

    host: under which the caller knows us, as far as we can tell. wanted: `browser.cookie_domain`, taken where
    it is the host or above it. page: the host of the page that asks, "" where it is not known. If it is of
    another site than ours, a proxy hides the name the browser knows, and a Domain not above that is refused.
    """
    if wanted:
        wanted = wanted.casefold().lstrip(".")
        return wanted if f".{host}".endswith(f".{wanted}") else ""
    own = registrable(host)
    return own if not page or registrable(page) == own else ""


@lru_cache(maxsize=4096)
def registrable(host: str) -> str:
    """What of a host its owner registered: shop.co.uk of www.shop.co.uk. "" for addresses and single names.

    Under a public suffix such as myshopify.com every shop is one of its own.
    """
    if len(host) > 253 or not _HOST.fullmatch(host) or _is_address(host):
        return ""
    return _suffixes().privatesuffix(host) or ""


@cache
def _suffixes() -> PublicSuffixList:
    # 40 ms and 3 MB: only for whoever sets cookies, at the first of them.
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _cookies(value: str, seconds: int, domain: str, secure: bool) -> Headers:
    where = f"; Domain={domain}" if domain else ""
    rest = f"; Max-Age={seconds}{where}; Path=/"
    end = f"; SameSite=Lax{'; Secure' if secure else ''}"
    return [
        (b"set-cookie", f"{VISITOR}={value}{rest}; HttpOnly{end}".encode()),
        (b"set-cookie", f"{MIRROR}={value}{rest}{end}".encode()),
    ]
