"""GET /v1/projects/{key}/settings: what Segment's script asks its CDN for before it sends anything.

It is told to send everything here, to load nothing from anywhere, and to report no statistics.
"""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from fullsignal.collector.cors import JSON_ANYWHERE
from fullsignal.collector.keys import SECRET_IN_BROWSER
from fullsignal.collector.reception import Reception
from fullsignal.collector.replies import Refusal, encode, problem_json

PATH: Final = "/v1/projects/{key}/settings"


class SegmentSettings:
    def __init__(self, reception: Reception) -> None:
        self._reception = reception

    async def answer(self, request: Request) -> Response:
        """Raises nothing: a script on another origin reads the refusal too."""
        text = request.path_params["key"]
        try:
            key = self._reception.keys.first([text.encode()])
            if not key.public:
                raise Refusal(403, SECRET_IN_BROWSER)
        except Refusal as refusal:
            self._reception.metrics.refused(refusal.status, refusal.problem.code)
            return _reply(refusal.status, problem_json(refusal.problem))
        return _reply(200, encode(settings(text, *self._reception.addresses.origin(request.scope))))


def settings(key: str, scheme: str, host: str) -> dict[str, Any]:
    enabled = {"__default": {"enabled": True, "integrations": {}}}
    return {
        "integrations": {
            "Segment.io": {
                "apiKey": key,
                "apiHost": f"{host}/v1",
                "protocol": scheme,
                "addBundledMetadata": False,
                "unbundledIntegrations": [],
            }
        },
        "plan": {
            "track": enabled,
            "identify": {"__default": {"enabled": True}},
            "group": {"__default": {"enabled": True}},
        },
        "edgeFunction": {},
        "analyticsNextEnabled": True,
        "middlewareSettings": {},
        "enabledMiddleware": {},
        "remotePlugins": [],
        "legacyVideoPluginsEnabled": False,
        "metrics": {"sampleRate": 0, "host": f"{host}/v1", "protocol": scheme},
    }


def _reply(status: int, body: bytes) -> Response:
    return Response(body, status, {name.decode(): value.decode() for name, value in JSON_ANYWHERE})
