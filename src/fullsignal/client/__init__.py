"""Send events to a fullsignal server from a Python program.

    client = fullsignal.Client("https://t.shop.example", "sk_...")
    client.track("purchase", order_id="1001", value=46.0, currency="USD", user={"email": "jane@shop.example"})

This folder uses the standard library and itself only, so that it can be copied into another program.
"""

from .client import Client

__all__ = ["Client"]
