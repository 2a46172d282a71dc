"""What fullsignal.toml says of each source: one struct a table, `[site.<name>.<source>]`.

Secrets are named, never written: `*_env` names an environment variable, `*_file` a file.
"""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import Struct


class Shopify(Struct, frozen=True, forbid_unknown_fields=True):
    secrets_env: str = ""  # names a variable that holds one or more secrets, separated by commas or spaces
    secrets_file: str = ""
    # To ask for orders (reconcile): the Admin API. An app of the Dev Dashboard has a client id and a secret;
    # one made in the shop's admin, before 2026, a token.
    shop: str = ""  # sample-store.myshopify.com
    client_id: str = ""
    client_secret_env: str = ""
    client_secret_file: str = ""
    api_token_env: str = ""
    api_token_file: str = ""
    endpoint: str = ""  # "" is the shop's own; for tests an address of this machine


class WooCommerce(Struct, frozen=True, forbid_unknown_fields=True):
    secrets_env: str = ""
    secrets_file: str = ""
    # To ask for orders (reconcile): the REST API, with a key that may read.
    url: str = ""  # https://shop.example
    consumer_key_env: str = ""
    consumer_key_file: str = ""
    consumer_secret_env: str = ""
    consumer_secret_file: str = ""
    endpoint: str = ""  # "" is `url`; for tests an address of this machine


class Stripe(Struct, frozen=True, forbid_unknown_fields=True):
    secrets_env: str = ""
    secrets_file: str = ""
    # What of Stripe's objects is the sale; docs/sources/stripe.md.
    purchase: Literal["checkout", "payment_intent", "invoice"] = "checkout"
    order_id: str = "order_id"  # the key in `metadata` under which the shop keeps its own order id
    tolerance_seconds: int = 300
    # To ask for payments (reconcile): a restricted key that may read.
    api_key_env: str = ""
    api_key_file: str = ""
    endpoint: str = ""  # "" is Stripe's own; for tests an address of this machine


class PayPal(Struct, frozen=True, forbid_unknown_fields=True):
    webhook_ids: list[str] = []  # no secrets: PayPal signs over them; two while one is exchanged
    sandbox: bool = False  # deliveries come from the sandbox, and are tests
    # Which field of a payment is the shop's own order id, and what stands before it there ("WC-").
    order_id: Literal["invoice_id", "custom_id"] = "invoice_id"
    order_prefix: str = ""
    ca_file: str = ""  # certificates to trust, PEM; "" are the system's


class BigCommerce(Struct, frozen=True, forbid_unknown_fields=True):
    secrets_env: str = ""  # the value of the custom header that the webhook was created with
    secrets_file: str = ""
    header: str = "X-Fullsignal-Secret"
    store_hash: str = ""
    api_token_env: str = ""  # a webhook names an order; the order itself is asked for
    api_token_file: str = ""
    endpoint: str = ""  # "" is BigCommerce's own; for tests an address of this machine


class Magento(Struct, frozen=True, forbid_unknown_fields=True):
    url: str = ""  # https://shop.example
    api_token_env: str = ""  # an integration's access token
    api_token_file: str = ""
    poll_seconds: float = 60
    overlap_seconds: float = 600  # asked for again each time: an order may be written late
    store_ids: list[int] = []  # the store views that are this site; none: all of them


class Segment(Struct, frozen=True, forbid_unknown_fields=True):
    """How Segment-compatible calls are read. Write keys are the site's own keys."""

    value: Literal["total", "revenue"] = "total"  # of Order Completed; revenue is without tax and shipping
    # What a consent tool's categories are called that are about advertising; case and signs do not count.
    ad_categories: list[str] = msgspec.field(
        default_factory=lambda: ["Advertising", "Marketing", "Targeting", "C0004"]
    )
    app_by_public_key: bool = False  # an app's events by a public key, which is in the app


class GA4(Struct, frozen=True, forbid_unknown_fields=True):
    measurement_ids: list[str] = []  # G-XXXX: which tags are this site's
    api_secrets_env: str = ""  # of the Measurement Protocol; several while one is exchanged
    api_secrets_file: str = ""
