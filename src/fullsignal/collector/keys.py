"""Which site a request is for, and how far its events are believed: the key says so."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from typing import Final
from urllib.parse import parse_qs

from msgspec import Struct

from fullsignal.collector.replies import Refusal
from fullsignal.config import Config, ConfigError, Site
from fullsignal.model import TRUST_BROWSER, TRUST_SERVER, Incoming, Problem, RawEvent, RejectedError

PUBLIC_PREFIX: Final = "pk_"
SECRET_PREFIX: Final = "sk_"  # noqa: S105 - a prefix, no secret
_BEARER: Final = b"bearer "


class Key(Struct, frozen=True):
    site: Site
    public: bool
    source: str  # what events sent with it are said to come from
    trust: int


class Keys:
    """Every key of every site, by digest: a lookup takes the same time however near a guess comes."""

    def __init__(self, config: Config) -> None:
        self._by_digest: dict[bytes, Key] = {}
        for site in config.sites.values():
            public = Key(site, True, "browser", TRUST_BROWSER)
            secret = Key(site, False, "api", TRUST_SERVER)
            for text in site.public_keys:
                self._add(text, PUBLIC_PREFIX, public, f"site.{site.name}.public_keys")
            for text in config.secret_keys(site):
                self._add(text, SECRET_PREFIX, secret, f"site.{site.name}.secret_keys")

    def _add(self, text: str, prefix: str, key: Key, where: str) -> None:
        # `check` warns of a short one; somebody may be trying things out.
        if not text.startswith(prefix) or len(text) == len(prefix):
            raise ConfigError(f"{where}: a key here begins with {prefix} and has more characters after that.")
        digest = hashlib.sha256(text.encode()).digest()
        other = self._by_digest.get(digest)
        if other is not None and other.site.name != key.site.name:
            raise ConfigError(f"{where}: site.{other.site.name} has the same key. Give each site its own.")
        self._by_digest[digest] = key

    def find(self, authorization: bytes, query: bytes) -> Key:
        """The key in `Authorization: Bearer`, else in `?key=`. Raises Refusal(401)."""
        text = bearer(authorization)
        if not text and query and authorization[:7].lower() != _BEARER:
            text = from_query(query)
        return self.first([text])

    def first(self, texts: Iterable[bytes]) -> Key:
        """The first that is a key of ours. Raises Refusal(401)."""
        given = [text for text in texts if text]
        for text in given:
            key = self._by_digest.get(hashlib.sha256(text).digest())
            if key is not None:
                return key
        raise Refusal(401, _UNKNOWN if given else _MISSING, [(b"www-authenticate", b"Bearer")])


def bearer(authorization: bytes) -> bytes:
    return authorization[7:].strip() if authorization[:7].lower() == _BEARER else b""


def from_query(query: bytes) -> bytes:
    if query.startswith(b"key=") and b"&" not in query and b"%" not in query:
        return query[4:]
    try:
        found = parse_qs(query.decode("latin-1"), max_num_fields=20).get("key", [""])
    except ValueError:
        return b""
    return found[0].encode()


def keep_to_public(incoming: list[Incoming | RejectedError], channels: Collection[str] = ("web",)) -> None:
    """Refuse, in place, the events that ask for what anybody who reads the page could ask for."""
    for i, one in enumerate(incoming):
        if isinstance(one, Incoming):
            fields = _beyond_public(one.raw, channels)
            if fields:
                incoming[i] = RejectedError(*map(_not_public, fields))


def _beyond_public(raw: RawEvent, channels: Collection[str]) -> list[str]:
    fields = []
    if raw.user is not None and raw.user.ip:
        fields.append("user.ip")
    if raw.test_event_code:
        fields.append("test_event_code")
    if raw.destinations:
        fields.append("destinations")
    if raw.channel and raw.channel not in channels:
        fields.append("channel")
    return fields


def _not_public(field: str) -> Problem:
    what = "anything but web with" if field == "channel" else "set with"
    return Problem(
        "needs_secret_key",
        field,
        f"cannot be {what} a public key: everybody who reads the page has it",
        f"Send this event from a server, with a secret key ({SECRET_PREFIX}...), or leave {field} out.",
    )


_MISSING: Final = Problem(
    "missing_key",
    "",
    "The request has no key.",
    "Send the site's key as `Authorization: Bearer <key>` or as `?key=<key>`.",
)
_UNKNOWN: Final = Problem(
    "unknown_key",
    "",
    "No site has this key.",
    "Compare it with public_keys and secret_keys in fullsignal.toml; restart after a change.",
)
SECRET_IN_BROWSER: Final = Problem(
    "secret_key_in_browser",
    "",
    "This is a secret key, and a browser sent it: everybody who reads the page has it now.",
    f"Make a new secret key and take this one out of the page and of the server. Pages use a public key "
    f"({PUBLIC_PREFIX}..., in public_keys), never {SECRET_PREFIX}...",
)
