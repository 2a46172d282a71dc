"""TikTok's names, keys and codes, typed by hand from its documentation.

Marks: O official, O~ official as quoted by others, M measured, P peer code, S secondary, I inferred.
Each table is compared with the independent one of `fullsignal_spec` by tests/test_double_entry.py.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from msgspec import Struct

from fullsignal.outgoing import Verdict
from fullsignal.vocabulary import TIKTOK_NAME


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ALL: Final = frozenset({"web", "app", "offline", "crm"})
WEB: Final = frozenset({"web"})
APP: Final = frozenset({"app"})
WEB_APP: Final = WEB | APP

# ---- event names -------------------------------------------------------------------------------------

# One list for web, offline and CRM (O). Pageview is the pixel's own page load, so it exists on the web only.
STANDARD: Final = _words(
    "AddPaymentInfo AddToCart AddToWishlist ApplicationApproval CompleteRegistration Contact "
    "CustomizeProduct Download FindLocation InitiateCheckout Lead Purchase Schedule Search StartTrial "
    "SubmitApplication Subscribe ViewContent"
)
RETIRING: Final = frozenset({"ClickButton", "PlaceAnOrder"})  # supported until 2027 (O)
STANDARD_APP: Final = _words(
    "AchieveLevel AddPaymentInfo AddToCart AddToWishlist Checkout CompleteTutorial CreateGroup CreateRole "
    "GenerateLead InAppADClick InAppADImpr InstallApp JoinGroup LaunchAPP LoanApplication LoanApproval "
    "LoanDisbursal Login Purchase Rate Registration Search SpendCredits StartTrial Subscribe "
    "UnlockAchievement ViewContent"
)
# TikTok turns these into a standard event on its side and reports that one (O). Whether it does so before or
# after deduplication is not documented, so a name goes out as the caller, like the pixel, spells it.
ALIAS: Final = {
    "CompletePayment": "Purchase",
    "SubmitForm": "Lead",
    "AddBilling": "AddPaymentInfo",
    "Browse": "Pageview",
    "Checkout": "PlaceAnOrder",
    "ClickForm": "Lead",
    "ClickInDownloadPage": "ClickButton",
    "ClickToDownload": "Download",
    "Consult": "Contact",
    "ConsultByPhone": "Contact",
    "Registration": "CompleteRegistration",
    "StartCheckout": "InitiateCheckout",
    "ViewConsultationPage": "ViewContent",
    "ViewDownloadPage": "ViewContent",
    "ViewForm": "ViewContent",
}
_TAKEN: Final = STANDARD | RETIRING | frozenset(ALIAS)

# The names TikTok knows by channel: sent as they are when the caller used one. "PageView", as help pages and
# Meta spell it, is not among them: the pixel sends Pageview (M).
LITERALS: Final = {
    "web": _TAKEN | {"Pageview"},
    "offline": _TAKEN - {"Browse"},
    "crm": _TAKEN - {"Browse"},
    "app": STANDARD_APP,
}
# Our name -> the current standard name. Apps have names of their own for three (O; that begin_checkout is
# what apps call Checkout: I).
_APP: Final = {"sign_up": "Registration", "begin_checkout": "Checkout", "generate_lead": "GenerateLead"}
NAMES: Final = {
    "web": TIKTOK_NAME,
    "offline": TIKTOK_NAME,
    "crm": TIKTOK_NAME,
    "app": {**TIKTOK_NAME, **_APP},
}
# TikTok has no event for these and could not optimise for them: sent only if the settings name one.
NOT_SENT: Final = frozenset(
    {"refund", "remove_from_cart", "view_cart", "view_item_list", "add_shipping_info", "select_item"}
)
# The help page is cut off after letters and numerals (O); space, _ and - are what peers send (P).
CUSTOM_NAME: Final = r"[A-Za-z0-9 _-]{1,50}"
CUSTOM_NAME_IN_WORDS: Final = "1 to 50 letters from a to z, digits, spaces, _ and -"

# ---- the event ---------------------------------------------------------------------------------------

# event_source -> our setting for its event_source_id · what the id looks like (O; the pixel's shape S)
SOURCE: Final = {
    "web": ("pixel_code", r"[A-Z0-9]{10,40}", "capital letters and digits, like CD9079RC77U0N3GBV16Y"),
    "app": ("app_id", r"[0-9]{1,30}", "TikTok's own app id, digits only"),
    "offline": ("offline_event_set_id", r"[0-9]{1,30}", "the id of an event set, digits only"),
    "crm": ("crm_event_set_id", r"[0-9]{1,30}", "the id of an event set, digits only"),
}

# TikTok's key · our hash family · the channels that take it · whether it takes several
USER_HASHED: Final = (
    ("email", "email_plain", ALL, True),  # O
    ("phone", "phone_e164", ALL, True),  # O, with the leading +
    ("external_id", "external_id", frozenset({"web", "crm"}), True),  # O
    ("first_name", "first_name", WEB, False),  # O~ as the next two: on the newer parameter page only
    ("last_name", "last_name", WEB, False),
    ("zip_code", "zip", WEB, False),
    ("idfa", "idfa", APP, False),  # O: of the upper-case id
    ("gaid", "gaid", APP, False),  # O: of the lower-case id
)
# TikTok's key · our id · the channels that take it. Byte for byte, at most 1,000 characters (O~).
USER_IDS: Final = (("ttclid", "ttclid", WEB), ("ttp", "ttp", WEB), ("idfv", "idfv", APP))
ID_CHARACTERS_MAX: Final = 1_000
# TikTok's key, which is also ours · the channels that take it
USER_PLAIN: Final = (
    ("ip", WEB_APP),  # O
    ("user_agent", WEB_APP),
    ("locale", WEB_APP),
    ("city", WEB),  # O~, like the next two
    ("state", WEB),
    ("country", WEB),
)
ATT_STATUS: Final = frozenset({"AUTHORIZED", "DENIED", "NOT_DETERMINED", "RESTRICTED", "NOT_APPLICABLE"})

# TikTok's key · our field (O)
PROPERTIES: Final = (
    ("num_items", "num_items"),
    ("search_string", "search_term"),
    ("description", "description"),
    ("order_id", "order_id"),
    ("shop_id", "shop_id"),
    ("content_ids", "content_ids"),
)
CONTENT_TYPES: Final = frozenset({"product", "product_group"})
CUSTOMER_TYPES: Final = frozenset({"new", "returning"})  # web and app only
# A caller's own property never takes the place of one that TikTok gives a type to: a wrong type there is
# refused with the whole batch (M for content_id, a number).
TYPED_PROPERTIES: Final = frozenset(
    {"contents", "content_type", "currency", "value", "customer_type", *(key for key, _ in PROPERTIES)}
)
CURRENCIES: Final = _words(
    "AED ARS AUD BDT BHD BIF BOB BRL CAD CHF CLP CNY COP CRC CZK DKK DZD EGP EUR GBP GTQ HKD HNL HUF IDR ILS "
    "INR ISK JPY KES KHR KRW KWD KZT MAD MOP MXN MYR NGN NIO NOK NZD OMR PEN PHP PKR PLN PYG QAR RON RUB SAR "
    "SEK SGD THB TRY TWD UAH USD VES VND ZAR"  # O
)


class Content(Struct, frozen=True, omit_defaults=True, gc=False):
    """One of `contents`, in TikTok's words; a struct, because an event has many and dictionaries cost."""

    content_id: str = ""  # a number is refused (M)
    content_name: str = ""
    content_category: str = ""
    brand: str = ""
    price: float | None = None  # of one unit (O)
    quantity: int | None = None  # in every official example, missing from its table


# ---- the answer --------------------------------------------------------------------------------------


class Meaning(NamedTuple):
    verdict: Verdict
    reason: str = ""  # for pause


_AUTH: Final = Meaning("pause", "auth")
_PERMISSION: Final = Meaning("pause", "permission")
_SETTINGS: Final = Meaning("pause", "settings")
AMBIGUOUS: Final = Meaning("ambiguous")

SUCCESS: Final = 0
PARTIAL: Final = 20001

# The integer `code` of the body decides, whatever the HTTP status is (O~). All O~ unless marked. "name:"
# TikTok's own SDK lists the code under this name (O) and says no more; what follows from it is inferred (I).
CODES: Final = {
    40000: Meaning("bisect"),
    40001: _PERMISSION,
    40002: Meaning("bisect"),  # unless it names a field of the root: answers.py
    40003: _PERMISSION,  # name: forbidden
    40006: _SETTINGS,  # version incompatible
    40007: _SETTINGS,  # object does not exist
    40008: _SETTINGS,  # endpoint not implemented
    40009: _SETTINGS,  # sandbox
    40010: _SETTINGS,  # wrong domain
    40011: Meaning("bisect"),  # too many ids
    40012: AMBIGUOUS,  # name: no update, which is no proof of a refusal
    40013: _SETTINGS,  # sandbox
    40014: _SETTINGS,  # sandbox
    40016: Meaning("throttled"),
    40050: AMBIGUOUS,  # "duplicated requests": the first one may well have been taken (I)
    40051: _SETTINGS,  # invalid version
    40061: Meaning("bisect"),  # name: invalid batch size
    40062: Meaning("bisect"),  # name: PII not hashed
    40063: _SETTINGS,  # name: invalid partner name, a field of the root
    40100: Meaning("throttled"),
    40113: _PERMISSION,  # app blocked or missing
    40114: _AUTH,  # name: advertiser logged out
    40118: _PERMISSION,  # not allow-listed
    40119: _PERMISSION,  # company mismatch
    40124: _PERMISSION,  # developer profile
    40125: _PERMISSION,  # developer permission
    40130: _PERMISSION,  # name: scope not authorised
    40131: _PERMISSION,  # name: a TikTok user did not authorise the scope
    40132: Meaning("throttled"),  # by pixel code
    40133: Meaning("throttled"),  # by advertiser
    40200: Meaning("bisect"),  # task error
    40201: Meaning("retry"),  # not ready (I)
    40202: Meaning("retry"),  # entity conflict (I)
    40300: _PERMISSION,  # advertiser missing
    40301: _PERMISSION,  # advertiser mismatched
    40400: _SETTINGS,  # name: route not found
    40700: Meaning("bisect"),  # internal service validation
    41000: _PERMISSION,  # this country's addresses are banned
    41001: _SETTINGS,  # interface offline
    41002: Meaning("bisect"),  # fields not in use
    51012: Meaning("retry"),  # name: pixel error
    61000: Meaning("throttled"),  # name: too many requests
}
# first · last · meaning, where CODES has none. No family for 4xxxx: one that is not listed proves nothing.
CODE_FAMILIES: Final = (
    (40101, 40119, _AUTH),
    (50000, 59999, Meaning("retry")),  # faults at TikTok
    (60000, 69999, Meaning("retry")),  # maintenance
)
# HTTP status, only where the body is not TikTok's envelope: a gateway or a proxy spoke (I). Else ambiguous.
HTTP: Final = {
    **dict.fromkeys((300, 301, 302, 303, 304, 307, 308), _SETTINGS),  # never followed, so nothing was taken
    401: _AUTH,
    403: _PERMISSION,
    404: _SETTINGS,  # "404 page not found" is what a path without the last slash gets (O~)
    405: _SETTINGS,
    408: Meaning("retry"),  # the server had not even read the whole request
    413: Meaning("bisect"),  # too large: halves are smaller
    429: Meaning("throttled"),
    503: Meaning("retry"),
}
