"""Our fields, as a mapping may name them, and where in an event each of them goes."""

from __future__ import annotations

from typing import Final

from fullsignal.identity.ids import NAMES

# of the event itself: the field has the event's own name
EVENT: Final = (
    *("event_id", "order_id", "order_number", "currency", "channel", "customer_type", "content_type"),
    *("shop_id", "description", "search_term", "test_event_code"),
)
# of `user`
USER: Final = (
    *("email", "phone", "external_id", "first_name", "last_name", "city", "state", "zip", "country", "ip"),
    *("user_agent", "locale", "visitor_id"),
)
IDS: Final = tuple(sorted(NAMES))  # of `user.ids`
PAGE: Final = ("page_url", "referrer")
LEAD: Final = ("lead_id", "lead_event_source")
CONSENT: Final = ("consent", "ad_user_data", "ad_storage", "ad_personalization")
LISTS: Final = ("items", "contents", "content_ids")

NUMBERS: Final = ("value", "num_items")
TIMES: Final = ("event_time",)
# of no event: what a file knows beside it
BESIDE: Final = ("phone_country", "status", "cancelled_at")

TEXTS: Final = ("event", *EVENT, *USER, *IDS, *PAGE, *LEAD, *CONSENT, *BESIDE)
FIELDS: Final = (*TEXTS, *LISTS, *NUMBERS, *TIMES)
