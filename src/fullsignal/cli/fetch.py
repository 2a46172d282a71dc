"""One request to the site's own `script_url`, as a browser makes it; `check` looks at what comes back."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from typing import Any, Final, NamedTuple

SECONDS_MAX: Final = 10
BYTES_MAX: Final = 256 * 1024
AGENT: Final = "fullsignal-check"


class Reply(NamedTuple):
    """status 0: nobody answered, and `error` says why. Names of headers are in small letters."""

    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    error: str = ""

    def header(self, name: str) -> str:
        return ", ".join(value for key, value in self.headers if key == name)

    def cookies(self) -> list[str]:
        return [value for key, value in self.headers if key == "set-cookie"]


class _AsItIs(urllib.request.HTTPErrorProcessor):
    """A redirect or a refusal is an answer like any other; a browser's beacon follows no redirect either."""

    def http_response(self, request: urllib.request.Request, response: Any) -> Any:
        return response

    https_response = http_response


def fetch(url: str, origin: str, body: bytes | None = None) -> Reply:
    """GET, or POST of `body`, from a page of this origin. Never raises."""
    headers = {"Origin": origin, "User-Agent": AGENT, "Content-Type": "text/plain;charset=UTF-8"}
    try:
        request = urllib.request.Request(url, body, headers)  # noqa: S310 - script_url, as configured
        with urllib.request.build_opener(_AsItIs).open(request, timeout=SECONDS_MAX) as answer:
            found = tuple((name.casefold(), value) for name, value in answer.headers.items())
            return Reply(answer.status, found, answer.read(BYTES_MAX))
    except urllib.error.URLError as error:
        return Reply(error=str(error.reason))
    except (OSError, ValueError, http.client.HTTPException) as error:
        return Reply(error=str(error) or type(error).__name__)
