"""Half of a character in JSON: `"Shoe \\ud83d"`. Pages make it by cutting a text through an emoji.

`JSON.stringify` writes it down and no decoder here takes it, so one such title would cost a whole batch.
"""

from __future__ import annotations

import re
from typing import Final

# A whole pair, or a backslash that is itself escaped, is matched first and stays as it is.
_HALVES: Final = re.compile(
    rb"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
_REPLACEMENT: Final = rb"\ufffd"


def mended(body: bytes) -> bytes:
    """With U+FFFD in the place of every half; the very same object where there is none."""
    return _HALVES.sub(lambda found: _REPLACEMENT if found[1] else found[0], body) if b"\\u" in body else body
