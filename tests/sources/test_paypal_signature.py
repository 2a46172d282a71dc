"""Is it PayPal's signature? Certificates of an authority of the tests' own; vectors signed with openssl."""

from __future__ import annotations

import base64
import shutil
import subprocess
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from fullsignal.config import build
from fullsignal.sources import paypal
from fullsignal.sources.delivered import Delivery, NeedsDocumentError
from fullsignal.sources.signature import SignatureError

from ..authority import Authority, Issued

NOW = 1_795_184_108.0  # 2026-11-20T14:15:08Z
URL = "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-1"
SANDBOX_URL = URL.replace("api.", "api.sandbox.")
WEBHOOK_ID = "1JE4291016473214C"
BODY = (Path(__file__).parent / "fixtures" / "paypal_payment_capture_completed.json").read_bytes()
NAME = "messageverificationcerts.paypal.com"
SANDBOX_NAME = "messageverificationcerts.sandbox.paypal.com"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def paypals(authority: Authority) -> Issued:
    return authority.issue(NAME)


def secrets(authority: Authority, *webhook_ids: str, sandbox: bool = False) -> list[Any]:
    table = {
        "webhook_ids": list(webhook_ids or (WEBHOOK_ID,)),
        "ca_file": authority.ca_file.name,
        "sandbox": sandbox,
    }
    config = build({"site": {"shop": {"paypal": table}}}, authority.folder / "fullsignal.toml")
    return paypal.secrets(config, config.sites["shop"])


def signed(
    by: Issued,
    body: bytes = BODY,
    *,
    pem: bytes | None = None,
    webhook_id: str = WEBHOOK_ID,
    url: str = URL,
    time: str = "2026-11-20T14:15:08Z",
    **changed: str,
) -> Delivery:
    """As PayPal would send it; `changed` headers are changed after signing."""
    number = "69cd13f0-d67a-11e5-baa3-778b53f4ae55"
    text = f"{number}|{time}|{webhook_id}|{zlib.crc32(body)}".encode()
    signature = by.key.sign(text, padding.PKCS1v15(), hashes.SHA256())
    headers = {
        "paypal-transmission-id": number,
        "paypal-transmission-time": time,
        "paypal-transmission-sig": base64.b64encode(signature).decode(),
        "paypal-cert-url": url,
        "paypal-auth-algo": "SHA256withRSA",
    }
    headers |= {f"paypal-{name.replace('_', '-')}": value for name, value in changed.items()}
    return Delivery(body, headers, {url: by.pem if pem is None else pem})


def refused(delivery: Delivery, known: list[str], now: float = NOW) -> None:
    with pytest.raises(SignatureError) as caught:
        paypal.verify(delivery, known, now)
    assert str(caught.value) == str(SignatureError()), "one message for every cause"


# ---- what is let through ----------------------------------------------------------------------------------


def test_a_delivery_that_paypal_signed(authority, paypals):
    paypal.verify(signed(paypals), secrets(authority), NOW)


def test_each_of_several_webhooks(authority, paypals):
    paypal.verify(signed(paypals), secrets(authority, "OTHER", WEBHOOK_ID), NOW)


def test_the_certificate_is_asked_for_once(authority, paypals):
    delivery = signed(paypals)
    with pytest.raises(NeedsDocumentError) as needed:
        paypal.verify(Delivery(delivery.body, delivery.headers), secrets(authority), NOW)
    assert needed.value.url == URL


@pytest.mark.skipif(not (shutil.which("openssl") and shutil.which("gzip")), reason="needs openssl and gzip")
@pytest.mark.parametrize("body", [BODY, b"", b"\x00\xff", '{"a": "\u00e9"}'.encode()])
def test_a_vector_signed_with_openssl(authority, paypals, body, tmp_path):
    """The CRC-32 comes from gzip's trailer, the signature from openssl: nothing here is our own sum."""
    packed = subprocess.run(["gzip", "-c"], input=body, capture_output=True, check=True).stdout
    crc = int.from_bytes(packed[-8:-4], "little")
    key = tmp_path / "key.pem"
    key.write_bytes(paypals.key_pem)
    delivery = signed(paypals, body)
    heads = dict(delivery.headers)
    text = f"{heads['paypal-transmission-id']}|{heads['paypal-transmission-time']}|{WEBHOOK_ID}|{crc}"
    made = subprocess.run(
        ["openssl", "dgst", "-sha256", "-sign", str(key)],
        input=text.encode(),
        capture_output=True,
        check=True,
    ).stdout
    heads["paypal-transmission-sig"] = base64.b64encode(made).decode()
    paypal.verify(Delivery(body, heads, delivery.documents), secrets(authority), NOW)


@pytest.mark.parametrize("order", [1, -1])
def test_a_chain_in_whatever_order(tmp_path, order):
    root = Authority(tmp_path, "Root")
    between = Authority(tmp_path, "Between", root)
    leaf = between.issue(NAME)
    both = b"".join([leaf.pem, between.issued.pem][::order])
    paypal.verify(signed(leaf, pem=both), secrets(root), NOW)


@pytest.mark.parametrize("hours", [-0.2, 0, 24 * 3])
def test_paypal_tries_for_three_days(authority, paypals, hours):
    paypal.verify(signed(paypals), secrets(authority), NOW + hours * 3_600)


# ---- what is not ------------------------------------------------------------------------------------------


def test_no_mutation_of_what_is_signed_is_let_through(authority, paypals):
    known = secrets(authority)
    good = signed(paypals)
    signature = good.headers["paypal-transmission-sig"]
    for at in range(len(signature)):
        other = "A" if signature[at] != "A" else "B"
        changed = signature[:at] + other + signature[at + 1 :]
        refused(signed(paypals, transmission_sig=changed), known)
    for at in range(0, len(BODY), 37):
        body = BODY[:at] + bytes([BODY[at] ^ 1]) + BODY[at + 1 :]
        refused(Delivery(body, good.headers, good.documents), known)
    refused(signed(paypals, webhook_id="OTHER"), known)
    for name, values in {
        "transmission_id": ["", "69cd13f0", "69cd13f0-d67a-11e5-baa3-778b53f4ae55 ", "a|b"],
        "transmission_time": [
            "",
            "2026-11-20T14:15:09Z",
            "2026-11-20 14:15:08Z",
            "now",
            "2026-11-20T14:15:08",
        ],
        "transmission_sig": [
            "",
            "=",
            signature + "=",
            signature[:-4],
            signature + "\n",
            " " + signature,
            "é",
        ],
        "auth_algo": ["", "SHA1withRSA", "sha256withrsa", "none"],
    }.items():
        for value in values:
            refused(signed(paypals, **{name: value}), known)


def test_a_field_cannot_be_moved_across_the_separator(authority, paypals):
    """id|time and webhook id are joined by |: an id that holds one would take over what follows."""
    known = secrets(authority)
    good = signed(paypals)
    heads = dict(good.headers)
    heads["paypal-transmission-id"] += "|" + heads["paypal-transmission-time"]
    refused(Delivery(good.body, heads, good.documents), known)


@pytest.mark.parametrize("missing", ["id", "time", "sig"])
def test_every_header_is_needed(authority, paypals, missing):
    good = signed(paypals)
    heads = {k: v for k, v in good.headers.items() if k != f"paypal-transmission-{missing}"}
    refused(Delivery(good.body, heads, good.documents), secrets(authority))
    refused(Delivery(good.body, {}, {}), secrets(authority))


@pytest.mark.parametrize("days", [-0.02, 3.6, 400])
def test_a_transmission_that_is_too_old_or_from_the_future(authority, paypals, days):
    refused(signed(paypals), secrets(authority), NOW + days * 86_400)


@pytest.mark.parametrize(
    "url",
    [
        "",
        URL.replace("https", "http"),
        URL.replace("api.paypal.com", "evil.example"),
        URL.replace("api.paypal.com", "api.paypal.com.evil.example"),
        URL.replace("api.paypal.com", "evilpaypal.com"),
        URL.replace("api.paypal.com", "www.paypal.com"),
        URL.replace("api.paypal.com", "api.paypal.com:8443"),
        URL.replace("api.paypal.com", "api.paypal.com@evil.example"),
        URL.replace("api.paypal.com", "evil.example\\@api.paypal.com"),
        URL.replace("api.paypal.com", "API.PAYPAL.COM"),
        URL.replace("api.paypal.com", "api.paypal.com."),
        URL.replace("/certs/", "/webhooks/"),
        URL.replace("/certs/", "/certs/../../evil/"),
        URL + "?x=1",
        URL + "#x",
        URL + "%2e",
        URL + "/",
        URL + "\n",
        "//api.paypal.com/v1/notifications/certs/CERT-1",
        "https://api.paypal.com/v1/notifications/certs/",
        "https://api.paypal.com/v1/notifications/certs/" + "a" * 200,
        SANDBOX_URL,
    ],
)
def test_an_address_that_is_not_paypals_is_never_asked_for(authority, paypals, url):
    delivery = signed(paypals, url=url)
    refused(delivery, secrets(authority))
    refused(Delivery(delivery.body, delivery.headers), secrets(authority))  # and no NeedsDocumentError


def certificates(authority: Authority, folder: Path) -> dict[str, Issued]:
    stranger = Authority(folder, "Stranger")
    return {
        "of an authority that nobody trusts": stranger.issue(NAME),
        "signed by itself": Authority(folder, NAME).issued,
        "of somebody else": authority.issue("messageverificationcerts.paypal.com.evil.example"),
        "of a host that only ends like it": authority.issue("evilpaypal.com"),
        "of the sandbox": authority.issue(SANDBOX_NAME),
        "for every name": authority.issue("*.paypal.com"),
        "over since yesterday": authority.issue(NAME, until=datetime(2026, 11, 19, tzinfo=UTC)),
        "not valid before tomorrow": authority.issue(NAME, since=datetime(2026, 11, 21, tzinfo=UTC)),
        "with a short key": authority.issue(NAME, key_size=1024),
    }


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_certificates_that_are_not_believed(authority, tmp_path):
    for why, issued in certificates(authority, tmp_path).items():
        with pytest.raises(SignatureError):
            paypal.verify(signed(issued), secrets(authority), NOW)
            pytest.fail(why)


def test_a_certificate_whose_issuer_is_missing(tmp_path):
    root = Authority(tmp_path, "Root")
    leaf = Authority(tmp_path, "Between", root).issue(NAME)
    refused(signed(leaf), secrets(root))


@pytest.mark.parametrize(
    "pem", [b"", b"<html>", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_what_is_no_certificate(authority, paypals, pem):
    refused(signed(paypals, pem=pem), secrets(authority))


def test_the_key_of_another_certificate(authority, paypals):
    refused(signed(authority.issue(NAME), pem=paypals.pem), secrets(authority))


# ---- the sandbox ------------------------------------------------------------------------------------------


def test_the_sandbox_counts_only_where_the_site_says_so(authority, paypals):
    playing = authority.issue(SANDBOX_NAME)
    known = secrets(authority, sandbox=True)
    paypal.verify(signed(playing, url=SANDBOX_URL), known, NOW)
    refused(signed(paypals), known)
    refused(signed(paypals, url=SANDBOX_URL), known)
    refused(signed(playing, url=SANDBOX_URL), secrets(authority))
