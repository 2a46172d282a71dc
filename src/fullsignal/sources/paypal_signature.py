"""Did PayPal sign this delivery? RSA over id, time, webhook id and the body's CRC-32 [vendor docs].

The key is in a certificate whose address comes with the delivery: it counts only from PayPal's own hosts,
under PayPal's name, and with a chain to an authority that is trusted here.
"""

from __future__ import annotations

import base64
import binascii
import re
import ssl
import warnings
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

import structlog
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError
from msgspec import Struct

from fullsignal.sources.delivered import Delivery, NeedsDocumentError
from fullsignal.sources.reading import moment
from fullsignal.sources.signature import SignatureError

ALGORITHM: Final = "SHA256withRSA"
HOSTS: Final = {  # sandbox? -> where certificates are, and below which name they are issued [seen]
    False: (frozenset({"api.paypal.com", "api-m.paypal.com"}), ".paypal.com"),
    True: (frozenset({"api.sandbox.paypal.com", "api-m.sandbox.paypal.com"}), ".sandbox.paypal.com"),
}
# Who issued PayPal's certificates [seen]: they may come without their issuer's, which is fetched then.
ISSUER_HOSTS: Final = frozenset({"cacerts.digicert.com"})
ALL_HOSTS: Final = HOSTS[False][0] | HOSTS[True][0] | ISSUER_HOSTS
# PayPal tries for three days [vendor docs]. What we took is remembered for four: nothing that is older can be
# replayed, nor its signature be used for another body of the same CRC-32.
AGE_SECONDS_MAX: Final = 3.5 * 86_400
AHEAD_SECONDS_MAX: Final = 900
CERTIFICATES_MAX: Final = 8
_PATH: Final = re.compile(r"https://([a-z.-]{1,40})/v1/notifications/certs/[A-Za-z0-9-]{1,100}", re.ASCII)
_ISSUER_PATH: Final = re.compile(r"https?://([a-z.-]{1,40})(/[A-Za-z0-9_.-]{1,100})", re.ASCII)
_SIGNATURE: Final = re.compile(r"[A-Za-z0-9+/]{300,700}={0,2}", re.ASCII)
log = structlog.get_logger("paypal")


class Trust(Struct, frozen=True):
    """What a site trusts: it takes the place of a secret."""

    webhook_id: str
    sandbox: bool = False
    ca_file: str = ""


def verify(delivery: Delivery, trusted: Sequence[Trust], now: float) -> None:
    """Raise SignatureError; NeedsDocumentError only for an address where PayPal keeps certificates."""
    heads = delivery.headers
    number, time = heads.get("paypal-transmission-id", ""), heads.get("paypal-transmission-time", "")
    url, given = heads.get("paypal-cert-url", ""), heads.get("paypal-transmission-sig", "")
    sent_at = moment(time)
    if not number or "|" in number or sent_at is None or heads.get("paypal-auth-algo") != ALGORITHM:
        raise SignatureError
    if not now - AGE_SECONDS_MAX <= sent_at <= now + AHEAD_SECONDS_MAX:
        raise SignatureError
    signature = _decoded(given)
    usable = [trust for trust in trusted if is_certificate_address(url, trust.sandbox)]
    if not usable:
        raise SignatureError
    if url not in delivery.documents:
        raise NeedsDocumentError(url)
    crc = zlib.crc32(delivery.body)
    for trust in usable:
        signed = f"{number}|{time}|{trust.webhook_id}|{crc}".encode("utf-8", "backslashreplace")
        if _signed(delivery.documents[url], signature, signed, trust, now):
            return
    raise SignatureError


def is_certificate_address(url: str, sandbox: bool) -> bool:
    """Exact hosts: below paypal.com there are many names, and not all of them are the payment service's."""
    found = _PATH.fullmatch(url)
    return found is not None and found[1] in HOSTS[sandbox][0]


def issuer_address(pem: bytes) -> str:
    """Where the certificate is that issued the one in `pem`, if it does not stand there too; else ""."""
    try:
        found = _certificates(pem)
        leaf = found[0]
        if any(other.subject == leaf.issuer for other in found[1:]):
            return ""
        known = leaf.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except (ValueError, x509.ExtensionNotFound, IndexError):
        return ""
    for access in known:
        if access.access_method == AuthorityInformationAccessOID.CA_ISSUERS:
            where = _ISSUER_PATH.fullmatch(str(access.access_location.value))
            if where and where[1] in ISSUER_HOSTS:
                return f"https://{where[1]}{where[2]}"
    return ""


def with_issuer(pem: bytes, issuer: bytes) -> bytes:
    """issuer: DER, as authorities hand their certificates out, or PEM."""
    try:
        text = x509.load_der_x509_certificate(issuer).public_bytes(Encoding.PEM)
    except ValueError:
        text = issuer
    return pem.rstrip() + b"\n" + text


def roots(ca_file: str) -> tuple[x509.Certificate, ...]:
    """Raises OSError and ValueError where a file is not there or holds no certificates."""
    return _file_roots(ca_file) if ca_file else _system_roots()


@lru_cache(maxsize=8)
def _file_roots(ca_file: str) -> tuple[x509.Certificate, ...]:
    return tuple(x509.load_pem_x509_certificates(Path(ca_file).read_bytes()))


@lru_cache(maxsize=1)
def _system_roots() -> tuple[x509.Certificate, ...]:
    found = []
    with warnings.catch_warnings():  # some old ones are against the rules of today
        warnings.simplefilter("ignore")
        for der in ssl.create_default_context().get_ca_certs(binary_form=True):
            try:
                found.append(x509.load_der_x509_certificate(der))
            except ValueError:
                continue  # one that this library does not read is one that is not trusted
    return tuple(found)


def _decoded(given: str) -> bytes:
    try:
        signature = base64.b64decode(given if _SIGNATURE.fullmatch(given) else "", validate=True)
    except (binascii.Error, ValueError):
        raise SignatureError from None
    if not signature or base64.b64encode(signature).decode() != given:  # base64 has several spellings
        raise SignatureError
    return signature


def _signed(pem: bytes, signature: bytes, signed: bytes, trust: Trust, now: float) -> bool:
    try:
        key = _trusted_key(pem, trust, now)
    except (ValueError, VerificationError, x509.ExtensionNotFound, IndexError, OSError) as error:
        log.warning("certificate_refused", reason=type(error).__name__, sandbox=trust.sandbox)
        return False
    try:
        key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def _trusted_key(pem: bytes, trust: Trust, now: float) -> rsa.RSAPublicKey:
    """Raises ValueError, VerificationError and what else a strange certificate makes the library raise."""
    leaf, *others = _certificates(pem)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    below = HOSTS[trust.sandbox][1]
    ours = [name for name in names.get_values_for_type(x509.DNSName) if name.endswith(below)]
    if not trust.sandbox:  # whoever may play in the sandbox says nothing about real money
        ours = [name for name in ours if not name.endswith(HOSTS[True][1])]
    if not ours or "*" in ours[0]:
        raise ValueError("not PayPal's name")
    at = datetime.fromtimestamp(now, UTC)
    policy = PolicyBuilder().store(Store(list(roots(trust.ca_file)))).time(at)
    chain = policy.build_server_verifier(x509.DNSName(ours[0])).verify(leaf, others)
    key = chain[0].public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("not an RSA key")
    return key


def _certificates(pem: bytes) -> list[x509.Certificate]:
    """PayPal's own first; those of authorities after it, in whatever order they came."""
    found = x509.load_pem_x509_certificates(pem)[:CERTIFICATES_MAX]
    return sorted(found, key=_is_authority)


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
