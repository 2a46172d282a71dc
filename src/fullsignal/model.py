"""The nouns on the way in: a RawEvent lives in memory only and may hold raw personal data; an Event holds
hashes and is what is sealed and stored. What goes out is in outgoing.py. Nothing here does work.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from msgspec import Struct

Channel = Literal["web", "app", "offline", "crm"]

# Who vouches for an event; a larger number wins where two copies disagree about money.
TRUST_BROWSER: Final = 0  # came with a public key: anybody could have sent it
TRUST_SERVER: Final = 1  # came with a secret key
TRUST_SIGNED: Final = 2  # a webhook whose signature was verified

Text = str | int  # ids that shops write as numbers; they become strings at the door
OneOrMany = str | int | list[str | int] | None


class Note(Struct, frozen=True):
    """Something that was changed or dropped on the way in. It never holds the value itself."""

    code: str  # stable, for counters: "phone_unlikely"
    field: str  # path in the input: "user.phone[1]"
    message: str  # one sentence for a person


class Problem(Struct, frozen=True):
    """Why an event could not be taken. It never holds the value itself."""

    code: str
    field: str
    message: str
    remedy: str


class RejectedError(ValueError):
    """The event cannot be taken; `problems` lists everything that is wrong with it."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{p.field}: {p.message}" for p in problems))
        self.problems = problems


class Consent(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Google-shaped consent. An empty string is unknown."""

    ad_storage: Literal["granted", "denied", ""] = ""
    ad_user_data: Literal["granted", "denied", ""] = ""
    ad_personalization: Literal["granted", "denied", ""] = ""


UNKNOWN_CONSENT: Final = Consent()


class Rule(Struct, frozen=True, omit_defaults=True):
    """What an order rule decided before any destination was asked.

    hold: wait until `seconds` after receipt, or until a later copy lifts it; then `then` happens.
    skip: never send; a later copy does not change that.
    """

    action: Literal["hold", "skip"]
    reason: str  # "unpaid", "renewal", "order_cancelled" ...
    message: str = ""
    seconds: int = 0
    then: Literal["send", "expire"] = "expire"


# ---- what comes in ------------------------------------------------------------------------------------


class RawUser(Struct, forbid_unknown_fields=True):
    """`user` of the public event: identifiers as the caller has them, raw or as SHA-256."""

    email: OneOrMany = None
    phone: OneOrMany = None
    external_id: OneOrMany = None
    first_name: str | None = None
    last_name: str | None = None
    city: str | None = None
    state: str | None = None
    zip: Text | None = None
    country: str | None = None
    ip: str | None = None
    user_agent: str | None = None
    locale: str | None = None
    visitor_id: str | None = None
    ids: dict[str, Text | None] | None = None


class RawPage(Struct, forbid_unknown_fields=True):
    url: str | None = None
    referrer: str | None = None
    title: str | None = None


class RawItem(Struct, forbid_unknown_fields=True):
    item_id: Text | None = None
    item_name: str | None = None
    item_brand: str | None = None
    item_category: str | None = None
    item_variant: str | None = None
    price: float | str | None = None
    quantity: float | str | None = None


class RawApp(Struct, forbid_unknown_fields=True):
    app_id: Text | None = None
    app_name: str | None = None
    app_version: str | None = None
    att_status: str | None = None


class RawLead(Struct, forbid_unknown_fields=True):
    lead_id: Text | None = None
    lead_event_source: str | None = None


class RawEvent(Struct, forbid_unknown_fields=True):
    """The public event (`POST /v1/events`). Only `event` is required. An empty string is absent."""

    event: str
    event_id: Text | None = None
    event_time: float | str | None = None
    channel: Channel | Literal[""] | None = None
    user: RawUser | None = None
    page: RawPage | None = None
    order_id: Text | None = None
    order_number: Text | None = None
    value: float | str | None = None
    currency: str | None = None
    customer_type: str | None = None
    items: list[RawItem] | None = None
    content_type: str | None = None
    content_ids: list[Text] | None = None
    num_items: float | str | None = None
    shop_id: Text | None = None
    description: str | None = None
    search_term: str | None = None
    properties: dict[str, Any] | None = None
    limited_data_use: bool | None = None
    consent: Consent | None = None
    app: RawApp | None = None
    ad: dict[str, Any] | None = None
    lead: RawLead | None = None
    test_event_code: str | None = None
    destinations: dict[str, dict[str, Any]] | None = None


class Order(Struct, frozen=True):
    """What a signed order source knows beside the event: sources set it, the public API cannot."""

    rule: Rule | None = None
    region: str = ""  # ISO country of the order, for consent
    # By these the visitor is found who made it (stitch/ladder.py).
    cart_token: str = ""
    checkout_token: str = ""
    client_reference: str = ""


class Incoming(Struct):
    """One event as a source hands it to intake."""

    raw: RawEvent
    order: Order | None = None
    notes: list[Note] = []


class Touch(Struct, frozen=True, omit_defaults=True):
    """How a visitor came: the first time, or the last."""

    at: int = 0  # Unix seconds
    ids: dict[str, str] = {}  # click ids of the landing page, by their names in user.ids
    utm: dict[str, str] = {}  # source, medium, campaign, term, content
    url: str = ""  # the landing page, cleaned
    referrer: str = ""


class Sighting(Struct, frozen=True, omit_defaults=True):
    """What the browser's own pixel did with one event, as our script saw it."""

    state: Literal["absent", "waiting", "blocked", "called", "requested"]
    name: str = ""  # the name it was called with: "CompletePayment"
    pixel: str = ""  # its code
    at: int = 0  # Unix seconds, when it was called


class Beacon(Struct, frozen=True):
    """What our script tells beside its events. In memory only."""

    visitor_id: str = ""
    store: bool = False  # consent lets us remember the visitor
    forget: bool = False  # consent was withdrawn
    consent: Consent = UNKNOWN_CONSENT
    opted_out: bool = False  # Global Privacy Control, or the shop's own "do not sell or share"
    first: Touch | None = None
    last: Touch | None = None
    ids: dict[str, Text | None] = {}  # as in user.ids
    links: dict[str, str] = {}  # cart_token, checkout_token, client_reference
    sightings: list[tuple[str, str, Sighting]] = []  # (event's name, event_id, what the pixel did)
    renew: bool = False  # somebody logged out: the script's new id counts, and not the cookie's


# ---- what is stored -----------------------------------------------------------------------------------


class User(Struct, frozen=True, omit_defaults=True):
    """Identifiers after the door. `hashed` maps a family (`email_plain`, `phone_e164`) to lower-case hex."""

    hashed: dict[str, list[str]] = {}
    ids: dict[str, str] = {}  # click and browser ids, verbatim
    ip: str = ""
    user_agent: str = ""
    locale: str = ""
    visitor_id: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    country: str = ""  # lower-case ISO 3166 alpha-2


class Item(Struct, frozen=True, omit_defaults=True):
    item_id: str = ""
    item_name: str = ""
    item_brand: str = ""
    item_category: str = ""
    item_variant: str = ""
    price: float | None = None  # of one unit
    quantity: int | None = None


class App(Struct, frozen=True, omit_defaults=True):
    app_id: str = ""
    app_name: str = ""
    app_version: str = ""
    att_status: str = ""


class Event(Struct, frozen=True, omit_defaults=True):
    """One event, normalised and hashed. Sealed and stored; never edited."""

    name: str  # our vocabulary (GA4's), or the caller's own name
    event_id: str
    event_time: int  # Unix seconds
    channel: Channel = "web"
    called: str = ""  # the caller's literal, where it was not our name: "CompletePayment"
    source: str = "api"
    trust: int = TRUST_SERVER
    user: User = User()
    url: str = ""
    referrer: str = ""
    title: str = ""
    order_id: str = ""
    order_number: str = ""
    value: float | None = None
    currency: str = ""
    customer_type: str = ""
    items: list[Item] = []
    content_type: str = ""
    content_ids: list[str] = []
    num_items: int | None = None
    shop_id: str = ""
    description: str = ""
    search_term: str = ""
    properties: dict[str, Any] = {}
    limited_data_use: bool = False
    consent: Consent = UNKNOWN_CONSENT
    region: str = ""  # ISO country that decides what unknown consent means
    app: App | None = None
    ad: dict[str, Any] = {}
    lead_id: str = ""
    lead_event_source: str = ""
    test_event_code: str = ""
    destinations: dict[str, dict[str, Any]] = {}
    rule: Rule | None = None
    id_given: bool = False  # the caller chose event_id; it wins over one we minted
    unconfirmed: bool = False  # a public key's purchase that no signed order has confirmed
    stitched: str = ""  # the rung of the ladder on which its visitor was found; "none": looked for in vain
    pixel: Sighting | None = None  # not stored with it: the journal adds it on reading
    notes: list[Note] = []
