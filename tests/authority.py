"""A certificate authority of the tests' own, and connections that lead every name to this machine."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

FROM = datetime(2020, 1, 1, tzinfo=UTC)
UNTIL = datetime(2049, 1, 1, tzinfo=UTC)


class Issued:
    """A certificate and its key."""

    def __init__(self, certificate: x509.Certificate, key: rsa.RSAPrivateKey) -> None:
        self.certificate = certificate
        self.key = key

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        form = serialization.PrivateFormat.TraditionalOpenSSL
        return self.key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


class Authority:
    """A root, and what it signs. Files, where a library wants files, lie in `folder`."""

    def __init__(self, folder: Path, name: str = "Test Root", parent: Authority | None = None) -> None:
        self.folder = folder
        key = _key()
        self.issued = _sign(name, key, parent.issued if parent else None, is_authority=True)
        self.ca_file = folder / f"{name.replace(' ', '-').lower()}.pem"
        self.ca_file.write_bytes(self.issued.pem)

    def issue(
        self,
        host: str,
        *,
        since: datetime = FROM,
        until: datetime = UNTIL,
        issuer_at: str = "",
        key_size: int = 2048,
    ) -> Issued:
        """issuer_at: where this authority's own certificate can be had."""
        key = _key(key_size)
        return _sign(host, key, self.issued, since=since, until=until, issuer_at=issuer_at)

    def server_context(self, *hosts: str) -> ssl.SSLContext:
        issued = _sign(hosts[0], _key(), self.issued, names=hosts)
        both = self.folder / f"{hosts[0]}.server.pem"
        both.write_bytes(issued.pem + issued.key_pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(both)
        return context

    def client_context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.ca_file))


class _Here(AbstractResolver):
    def __init__(self, port: int) -> None:
        self._port = port

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        here = {"hostname": host, "host": "127.0.0.1", "port": self._port, "family": 2, "proto": 0}
        return [ResolveResult(**here, flags=0)]  # type: ignore[typeddict-item]

    async def close(self) -> None:
        pass


def to_this_machine(port: int, context: ssl.SSLContext | None = None) -> aiohttp.TCPConnector:
    """Whatever the name, the connection goes to this port here."""
    return aiohttp.TCPConnector(resolver=_Here(port), ssl=context or True)


def _key(size: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=size)


def _sign(
    name: str,
    key: rsa.RSAPrivateKey,
    by: Issued | None,
    *,
    is_authority: bool = False,
    since: datetime = FROM,
    until: datetime = UNTIL,
    issuer_at: str = "",
    names: tuple[str, ...] = (),
) -> Issued:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer_key = by.key if by else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until - timedelta(seconds=1))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
        .add_extension(
            x509.KeyUsage(
                digital_signature=not is_authority,
                key_cert_sign=is_authority,
                crl_sign=is_authority,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    )
    if not is_authority:
        hosts = [x509.DNSName(host) for host in names or (name,)]
        builder = builder.add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        uses = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        builder = builder.add_extension(uses, critical=False)
    if issuer_at:
        where = x509.AccessDescription(
            x509.AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(issuer_at)
        )
        builder = builder.add_extension(x509.AuthorityInformationAccess([where]), critical=False)
    return Issued(builder.sign(issuer_key, hashes.SHA256()), key)
