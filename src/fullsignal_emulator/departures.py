"""Where the stand-in departs from the real TikTok, or rests on inference.

Printed at start-up; docs/emulator.md repeats the list, and a test compares the two.
"""

from __future__ import annotations

__all__ = ["DEPARTURES"]

DEPARTURES = (
    "Any token that begins with test_ is accepted and every other one refused, so that no real token is "
    "typed here. Any well-formed source id may be used; the real server knows whose it is.",
    "One bad event voids its whole request. Peers agree; nobody proved it.",
    "Messages are TikTok's recorded words where there are any. Those with data[i].path, and which of "
    "several faults is named first, are inferred. A request of one event gets the recorded message about "
    "event_id without a position.",
    "Known fields of the wrong type are refused with 40002. Measured for event_id and content_id only. "
    "null counts as absent.",
    "page.url is demanded for web, as documented, although the official example lacks it (switch "
    "require_page_url).",
    "data: [] gets code 0 (switch empty_data_code). event_time in milliseconds is refused (switch "
    "accept_event_time_ms). Old and future event_time are accepted and only diagnosed.",
    "Codes come with HTTP 200; two official texts differ for 40100 and 40104 (switch auth_http_401).",
    "gzip bodies are refused (switch accept_gzip). Bodies above 20 MiB get HTTP 413, those nested more than "
    "100 levels deep 40002; TikTok documents neither limit.",
    "Windows of deduplication and merging run on the time of receipt; which copy wins in a merge, whether "
    "old and new names share a key, and the finer points of the cookie rule are assumed (switches).",
    "What an empty Content-Type, a wrong method, an unknown API version or a malformed pixel code get is "
    "assumed.",
    "Values in the clear where a hash is required are accepted and diagnosed (switch strict_hashes).",
    "Events API 1.0 (/pixel/track/, /pixel/batch/, /app/..., /offline/...) and the management endpoints "
    "answer 40008 and say so; in another version than v1.3 they, like /event/track/, answer 40051. The real "
    "ones still work.",
    "Pixel hits are judged by the Events API's types, only without a need for page.url. What the real "
    "endpoint refuses is not known: it answers every hit alike.",
    "20001 with data.failed_events comes only by a scripted fault or strict_hashes; whether /event/track/ "
    "ever sends it is open.",
    "The score is like EMQ with invented weights. Diagnostics are ours except for three titles.",
    "People, their ads and how they are matched are invented: priority ttclid, email, phone, external_id, "
    "ttp, address with browser. Attribution: 7-day click, 1-day view, click before view, last one, on "
    "event_time.",
    "The pixel script is not TikTok's. It reports the click id as context.ad.callback and its cookie as "
    "context.user.ttp, which were not in the recordings; the ttclid cookie lives 13 months here, and "
    "sources differ.",
    "Only the rate per second is limited, not per minute or day. Nothing is delayed: figures are there at "
    "once.",
    "X-Forwarded-For is believed on the pixel endpoint, so that simulated visitors can have addresses.",
)
