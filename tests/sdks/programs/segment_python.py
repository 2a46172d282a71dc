"""A shop's server that uses segment-analytics-python: segment_python.py HOST KEY [gzip]"""

import sys

from segment.analytics.client import Client

host, key = sys.argv[1:3]
failed: list[object] = []
client = Client(key, host=host, gzip=True, on_error=lambda error, items: failed.append(error), max_retries=5)
who = {"user_id": "C-17", "anonymous_id": "0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"}
browser = {
    "ip": "203.0.113.24",
    "userAgent": "Mozilla/5.0 (X11) Firefox/1",
    "page": {"url": "https://shop.example/?ttclid=E.C.P.click"},
    "traits": {"email": "Jane@Example.com", "phone": "(202) 555-0143"},
}
client.identify(**who, traits={"email": "Jane@Example.com"}, context=dict(browser), message_id="py-1")
client.page(**who, name="Home", context=dict(browser), message_id="py-2")
mug = {"product_id": "7200001", "name": "Mug", "price": 24, "quantity": 2}
client.track(
    **who,
    event="Product Added",
    properties={**mug, "currency": "USD"},
    context=dict(browser),
    message_id="py-3",
)
client.track(
    **who,
    event="Order Completed",
    properties={"order_id": "1001", "total": 96.6, "revenue": 84, "currency": "USD", "products": [mug]},
    context=dict(browser),
    message_id="py-4",
)
client.shutdown()
sys.exit(f"given up: {failed}" if failed else 0)
