"""The currency that stands beside an amount in its own cell: `5.00 USD`, `€12.50`."""

from __future__ import annotations

import re
from typing import Final

import polars as pl

from fullsignal.bulk.amounts import MONEY_SIGN, SCIENTIFIC

# ISO 4217
_CODE: Final = re.compile(
    r"AED|AFN|ALL|AMD|ANG|AOA|ARS|AUD|AWG|AZN|BAM|BBD|BDT|BGN|BHD|BIF|BMD|BND|BOB|BRL|BSD|BTN|BWP|BYN|"
    r"BZD|CAD|CDF|CHF|CLP|CNY|COP|CRC|CUP|CVE|CZK|DJF|DKK|DOP|DZD|EGP|ERN|ETB|EUR|FJD|FKP|GBP|GEL|GHS|"
    r"GIP|GMD|GNF|GTQ|GYD|HKD|HNL|HTG|HUF|IDR|ILS|INR|IQD|IRR|ISK|JMD|JOD|JPY|KES|KGS|KHR|KMF|KPW|KRW|"
    r"KWD|KYD|KZT|LAK|LBP|LKR|LRD|LSL|LYD|MAD|MDL|MGA|MKD|MMK|MNT|MOP|MRU|MUR|MVR|MWK|MXN|MYR|MZN|NAD|"
    r"NGN|NIO|NOK|NPR|NZD|OMR|PAB|PEN|PGK|PHP|PKR|PLN|PYG|QAR|RON|RSD|RUB|RWF|SAR|SBD|SCR|SDG|SEK|SGD|"
    r"SHP|SLE|SOS|SRD|SSP|STN|SVC|SYP|SZL|THB|TJS|TMT|TND|TOP|TRY|TTD|TWD|TZS|UAH|UGX|USD|UYU|UZS|VES|"
    r"VND|VUV|WST|XAF|XCD|XOF|XPF|YER|ZAR|ZMW|ZWG"
)
# Signs that one currency uses, in capitals; those of several ($, kr, ¥, lei, Fr.) are not here.
_SIGNS: Final = {
    "€": "EUR", "£": "GBP", "ZŁ": "PLN", "KČ": "CZK", "FT": "HUF", "₹": "INR", "₽": "RUB", "₺": "TRY",
    "TL": "TRY", "₴": "UAH", "₪": "ILS", "₩": "KRW", "₫": "VND", "₦": "NGN", "฿": "THB", "₱": "PHP",
    "₸": "KZT", "₼": "AZN", "₾": "GEL", "₡": "CRC", "₲": "PYG", "₵": "GHS", "₭": "LAK", "₮": "MNT",
    "US$": "USD", "CA$": "CAD", "A$": "AUD", "AU$": "AUD", "NZ$": "NZD", "HK$": "HKD", "S$": "SGD",
    "R$": "BRL", "MX$": "MXN", "NT$": "TWD", "CN¥": "CNY", "JP¥": "JPY", "RM": "MYR", "RP": "IDR",
}  # fmt: skip
_BESIDE_DIGITS: Final = r"[^\d\s.,'’()+\-\x{2212}_]"


def currency_beside(text: str) -> str | None:
    """Its code; "" where what stands there may be several currencies' or is none; None: nothing does."""
    if SCIENTIFIC.fullmatch(text):
        return None
    signs = [sign.upper() for sign in MONEY_SIGN.findall(text)]
    if not signs:
        return None
    codes = {code for sign in signs if (code := _code_of(sign))}
    return codes.pop() if len(codes) == 1 else ""


def _code_of(sign: str) -> str:
    return sign if _CODE.fullmatch(sign) else _SIGNS.get(sign.rstrip("."), "")


def currencies_beside(amounts: pl.Series) -> pl.Series:
    """Of a column as it was given; see currency_beside."""
    if amounts.dtype != pl.String:
        return pl.repeat(None, len(amounts), dtype=pl.String, eager=True)
    texts = amounts.filter(amounts.str.contains(_BESIDE_DIGITS)).unique().drop_nulls().to_list()
    found = {text: code for text in texts if (code := currency_beside(text)) is not None}
    return amounts.replace_strict(list(found), list(found.values()), default=None, return_dtype=pl.String)
