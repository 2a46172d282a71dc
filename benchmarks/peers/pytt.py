"""pytt-events-api: purchases on stdin, one a line -> events per processor second on stdout.

Runs in an environment of its own, which has neither fullsignal nor its requirements. Timed is what the
library does for an event, from JSON in its own shape to the JSON it would post; its network call is left out.
"""

import json
import sys
import time

from pytt_events.event import Event  # type: ignore[import-not-found]


def its_shape(ours: dict) -> dict:
    user = ours["user"]
    return {
        "pixel_code": "CD9079RC77U0N3GBV16Y",
        "event": "CompletePayment",
        "event_id": ours["event_id"],
        "timestamp": ours["event_time"],
        "context": {
            "user_agent": user["user_agent"],
            "ip": user["ip"],
            "ad": {"callback": user["ids"]["ttclid"]},
            "page": {"url": ours["page"]["url"]},
            "user": {
                "external_id": ours["order_id"],
                "email": user["email"].replace(".example", ".com"),  # it refuses reserved domains
                "phone_number": user["phone"],
                "ttp": user["ids"]["ttp"],
            },
        },
        "properties": {
            "currency": ours["currency"],
            "value": ours["value"],
            "content_type": "product",
            "contents": [
                {
                    "content_id": item["item_id"],
                    "quantity": item["quantity"],
                    "price": item["price"],
                    "content_category": item["item_category"],
                    "content_name": item["item_name"],
                }
                for item in ours["items"]
            ],
        },
    }


lines = [json.dumps(its_shape(json.loads(line))) for line in sys.stdin.buffer]
before = time.process_time()
for line in lines:
    event = Event(**json.loads(line))
    json.dumps(event.normalize_data(), indent=4, sort_keys=True, default=str)
print(len(lines) / (time.process_time() - before))
