"""Is a webhook's body the bytes the vendor signed? The pieces that every signed source shares."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence


class SignatureError(Exception):
    """The body is not signed with an active secret of this site.

    One message for every cause (no header, a garbled one, a wrong secret, a changed body): whoever tries
    signatures learns nothing from the answer.
    """

    def __init__(self) -> None:
        super().__init__("The webhook's signature does not fit its body and this site's secrets.")


def base64_hmac_sha256(body: bytes, secret: str) -> bytes:
    return base64.b64encode(hmac.digest(secret.encode("utf-8", "surrogateescape"), body, hashlib.sha256))


def require_base64_hmac(body: bytes, given: Sequence[str], secrets: Sequence[str]) -> None:
    """Raise SignatureError unless one of `given` is the signature of `body` under one of `secrets`.

    Several secrets are active while one is being rotated. Every pair is compared, found or not, and the
    texts are compared instead of the bytes they decode to: base64 has spellings that differ and decode alike.
    """
    found = False
    for secret in secrets:
        expected = base64_hmac_sha256(body, secret)
        for header in given:
            same = hmac.compare_digest(expected, header.encode("utf-8", "backslashreplace"))
            # An empty secret is a missing one: anybody could sign with it.
            found |= same and secret != ""
    if not found:
        raise SignatureError
