"""Whose events they are: a GA4 measurement id selects the site, an API secret says it is a server."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from fullsignal.collector.replies import Refusal
from fullsignal.config import Config, ConfigError, Site
from fullsignal.model import Problem
from fullsignal.sources import ga4


class Stream(Struct, frozen=True):
    """One measurement id, or Firebase app id, of a site."""

    site: Site
    secrets: list[bytes]  # digests; empty: no server may send
    wanted: frozenset[str]


class Streams:
    def __init__(self, config: Config) -> None:
        """Raises ConfigError where an id is two sites', or a secret cannot be had."""
        self._by_id: dict[str, Stream] = {}
        for site in config.sites.values():
            if site.ga4 is None:
                continue
            where = f"site.{site.name}.ga4.measurement_ids"
            if not site.ga4.measurement_ids:
                raise ConfigError(f'{where} is empty. Name the tags of this site: ["G-XXXXXXXXXX"].')
            has_secrets = site.ga4.api_secrets_env or site.ga4.api_secrets_file
            secrets = config.source_secrets(site, "ga4", "api_secrets") if has_secrets else []
            stream = Stream(site, [_digest(one) for one in secrets], ga4.mapped(site))
            for name in site.ga4.measurement_ids:
                other = self._by_id.get(_folded(name))
                if other is not None and other.site.name != site.name:
                    raise ConfigError(
                        f"{where}: site.{other.site.name} has {name} too. It can be one site's."
                    )
                self._by_id[_folded(name)] = stream

    def __len__(self) -> int:
        return len(self._by_id)

    def get(self, name: str) -> Stream | None:
        return self._by_id.get(_folded(name))

    def proved(self, name: str, secret: str) -> Stream:
        """The stream, for whoever knows its secret. Raises Refusal(401)."""
        stream = self.get(name)
        if stream is None:
            raise Refusal(401, UNKNOWN_ID)
        if not secret or not _is_one_of(_digest(secret), stream.secrets):
            raise Refusal(401, _WRONG_SECRET)
        return stream


def _is_one_of(given: bytes, secrets: Sequence[bytes]) -> bool:
    """Every one is compared, found or not."""
    found = False
    for secret in secrets:
        found |= hmac.compare_digest(secret, given)
    return found


def _folded(name: str) -> str:
    return name.strip().casefold()


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()


UNKNOWN_ID: Final = Problem(
    "unknown_measurement_id",
    "measurement_id",
    "No site has this measurement id.",
    "Add it to measurement_ids of the site's ga4 table, and start again.",
)
_WRONG_SECRET: Final = Problem(
    "wrong_api_secret",
    "api_secret",
    "It is none of this measurement id's API secrets.",
    "Compare it with what api_secrets_env of the site's ga4 table names. It need not be Google's.",
)
