"""What lies on disk: sealed payloads and keyed fingerprints. Losing the key file loses both.

A payload is `format byte | key id | nonce (12) | AES-256-GCM`, bound to its site and event id, so the seal
is its checksum too. A fingerprint is a keyed BLAKE2b (a MAC) cut to 64 bits: equal values meet, and without
the key nobody can list the phone numbers of a country and look which are there.
"""

from __future__ import annotations

import json
import os
from hashlib import blake2b
from pathlib import Path
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fullsignal.model import Event

FORMAT: Final = 1
_NONCES_AT_ONCE: Final = 256

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Event).decode


class CorruptError(Exception):
    """A stored payload does not open: the row is damaged, or was sealed with another key file."""


class KeyFileError(Exception):
    """The key file cannot be used; the message says why."""


class Keys:
    """The data folder's own keys, made at the first start (mode 0600)."""

    def __init__(self, key_id: int, sealing: bytes, marking: bytes) -> None:
        self._key_id = key_id
        self._aead = AESGCM(sealing)
        self._marking = blake2b(digest_size=8, key=marking)
        self._head = bytes((FORMAT, key_id))
        self._nonces = b""
        self._at = 0

    @classmethod
    def open(cls, path: Path) -> Keys:
        """Raises KeyFileError where there is none; `make` writes the first one."""
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            return cls(found["key_id"], bytes.fromhex(found["sealing"]), bytes.fromhex(found["marking"]))
        except FileNotFoundError:
            raise KeyFileError(
                f"{path} is missing; without it the journal cannot be read. Restore it from the backup."
            ) from None
        except (ValueError, KeyError, TypeError) as error:
            raise KeyFileError(
                f"{path} is damaged ({type(error).__name__}); restore it from the backup."
            ) from None

    @staticmethod
    def make(path: Path) -> None:
        """Whole or not at all, whatever happens meanwhile."""
        fresh = {"key_id": 1, "sealing": os.urandom(32).hex(), "marking": os.urandom(32).hex()}
        unfinished = path.with_suffix(".new")
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(fresh, file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)

    def fits(self, journal: int) -> int:
        """What a journal remembers of its keys; `journal` is what it does remember, 0 for nothing yet.

        Raises KeyFileError where that is of other keys.
        """
        mine = self.mark("keys", "") & 0x7FFFFFFF or 1
        if journal not in (0, mine):
            raise KeyFileError(
                "keys.json is not the one this journal was written with. Restore the two from one backup."
            )
        return mine

    def seal(self, event: Event, bound_to: str) -> bytes:
        return self.seal_bytes(_encode(event), bound_to)

    def seal_bytes(self, data: bytes, bound_to: str) -> bytes:
        if self._at == len(self._nonces):
            # One call to the kernel for many nonces: it would be a fifth of the cost of sealing.
            self._nonces, self._at = os.urandom(12 * _NONCES_AT_ONCE), 0
        nonce = self._nonces[self._at : self._at + 12]
        self._at += 12
        return self._head + nonce + self._aead.encrypt(nonce, data, bound_to.encode())

    def unseal(self, sealed: bytes, bound_to: str) -> Event:
        try:
            return _decode(self.unseal_bytes(sealed, bound_to))
        except msgspec.DecodeError as error:
            raise CorruptError(f"a payload does not decode: {error}") from None

    def unseal_bytes(self, sealed: bytes, bound_to: str) -> bytes:
        if len(sealed) < 30 or sealed[0] != FORMAT or sealed[1] != self._key_id:
            raise CorruptError("a payload has an unknown format or key")
        try:
            return self._aead.decrypt(sealed[2:14], sealed[14:], bound_to.encode())
        except InvalidTag:
            raise CorruptError("a payload does not open with this key") from None

    def mark(self, kind: str, value: str) -> int:
        """The fingerprint of a value: a signed 64-bit integer."""
        keyed = self._marking.copy()  # half the price of a new one: the key is hashed already
        keyed.update(f"{kind}\0{value}".encode())
        return int.from_bytes(keyed.digest(), "big", signed=True)
