"""What looks like personal data or a secret, by its name or by its value. For `scrub`.

The lists are ours (I): names and shapes met in checkout URLs and shops' custom properties. Bare digits are
never suspect, because they are order numbers, times and article numbers more often than phones.
"""

from __future__ import annotations

import re
from typing import Final

_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

# Anywhere in the name; or as a word of its own: `tel` but not `hotel`, `auth` but not `author`.
_NAME: Final = re.compile(
    r"""e-?mail|phone|mobile|msisdn|whatsapp|telefon|surname|(?:first|last|full|customer)[_-]?name|birth_?da|address
    |token|passw|secret|signature|session|sess_?id|credential|authori[sz]|oauth|api_?key|private_?key|access_?key|jwt|iban
    |(?<![a-z])(?:mail|tel|cell|mob|fname|lname|dob|ssn|auth|pwd|pass|otp|pin|sig|hmac|sid|bearer|card|cvv|cvc)(?![a-z])
    """,
    re.VERBOSE,
)

_ADDRESS: Final = re.compile(r"[^\s@/]@[^\s@/?&=#,;:<>]+\.[^\s@/?&=#,;:<>.]")
_VALUE: Final = re.compile(
    r"""(?<!\w)\+[0-9](?:[\s().-]{0,3}[0-9]){7,14}(?![0-9])           # +1 202 555 0143
    |(?<![\w.-])\([0-9]{3}\)[ ]?[0-9]{3}[-. ][0-9]{4}(?![\w-])        # (202) 555-0143
    |(?<![\w.-])[0-9]{3}([-. ])[0-9]{3}\1[0-9]{4}(?![\w-])            # 202-555-0143
    |\beyJ[\w-]{10,}\.                                                # a JSON web token
    |\b(?:sk|pk|rk|whsec|shpat|shpss|shpca|ghp|gho|xox[abp])[_-]\w{8} # Stripe's, Shopify's, GitHub's, Slack's
    |\b[0-9a-fA-F]{32,}\b                                             # digests and session ids
    |(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*[0-9])[\w-]{40,} # long and random
    """,
    re.VERBOSE | re.ASCII,
)
_NESTED_NAME: Final = re.compile(r"[?&]([^?&=]+)=[^&]")


def is_suspect_name(name: str) -> bool:
    """Whether a parameter of this name holds personal data or a secret: `customerEmail`, `auth_token`."""
    return _NAME.search(_CAMEL.sub("_", name).lower()) is not None


def looks_like_address(text: str) -> bool:
    """Whether an e-mail address stands anywhere in the text."""
    return "@" in text and _ADDRESS.search(text) is not None


def is_suspect_value(text: str) -> bool:
    """Whether an e-mail address, a phone number or a token stands anywhere in the (decoded) text."""
    if len(text) < 8 or (text.isalnum() and len(text) < 32):
        return looks_like_address(text)
    if looks_like_address(text) or _VALUE.search(text):
        return True
    return "=" in text and any(is_suspect_name(name) for name in _NESTED_NAME.findall(text))
