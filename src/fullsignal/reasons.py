"""Every state, reason and code that an event can end up with, in words: what it means, and what to do.

A table and no rules. tests/cli/test_reasons.py looks through the code for reasons that have no row here.
Platforms' codes are told as their documentation has them; the platform's own words are shown beside.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fullsignal.reasons_orders import ORDERS
from fullsignal.reasons_orders import Told as Told

_ITSELF: Final = "Nothing to do: it goes on by itself."

STATES: Final = {
    "delivered": Told("The platform took it."),
    "pending": Told("It waits its turn.", _ITSELF),
    "sending": Told("It is being sent at this moment.", _ITSELF),
    "retrying": Told("An attempt failed; it is tried again with the same event id.", _ITSELF),
    "held": Told("It waits.", _ITSELF),
    "merged": Told("It was merged into the first copy before that was sent: one request, one sale."),
    "duplicate": Told("It repeats a sale that was sent already, so it is not sent."),
    "skipped": Told("It is not sent to this connection."),
    "suppressed": Told("It may not be sent."),
    "refused": Told(
        "The platform refused it.", "Correct the data at its source; then `fullsignal dead replay`."
    ),
    "expired": Told("Its time was over before it could be sent."),
    "dead": Told("It was given up.", "`fullsignal dead replay` sends it again with the same event id."),
}

# (state, reason)
REASONS: Final = {
    ("held", "merge"): Told(
        "It waits some seconds for its other copy, so that one request carries both.", _ITSELF
    ),
    ("held", "confirm"): Told(
        "A browser reported it; it waits for the signed order that confirms it.",
        'If this shop sends no signed orders, set confirm = "off" in [site.<name>].',
    ),
    ("held", "consent"): Told(
        "Consent is not known, and the region asks for it; another copy may bring it within ten minutes.",
        "Let events carry `consent`, or see consent_unknown in [site.<name>].",
    ),
    ("held", "replay"): Told("It was taken up again and is about to be sent.", _ITSELF),
    ("skipped", "observe"): Told(
        "The connection only observes.", "`fullsignal go-live` lets it send what comes after."
    ),
    ("skipped", "before_start"): Told("It was there before this connection was."),
    ("skipped", "not_sent"): Told(
        "The platform has no event of this kind.", "To send it all the same, name one in event_names."
    ),
    ("skipped", "no_event_source"): Told(
        "The connection has no id for this channel.",
        "Set the id that the message names, or leave this channel's events out.",
    ),
    ("skipped", "event_name_invalid"): Told(
        "The platform would not take an event of this name.",
        "Use letters, digits, spaces, _ and -, or map the name in event_names.",
    ),
    ("skipped", "custom_event_offline"): Told(
        "The platform takes only its standard events offline.",
        "Map the name to a standard one in event_names.",
    ),
    ("skipped", "app_id_missing"): Told("An app event needs the app's id.", "Send app.app_id with it."),
    ("skipped", "lead_id_missing"): Told("A CRM event needs the lead's id.", "Send lead.lead_id with it."),
    ("skipped", "pixel_window_passed"): Told(
        "It came too late: the browser's own pixel may have reported it, and it would count twice.",
        "The platform should have it from the pixel. Where orders are often paid days later, let the pixel "
        "report sales when they are paid, or not at all.",
    ),
    ("skipped", "pixel_reports"): Told(
        "The page's own pixel reported this page view, and that copy has no id to know a second one by.",
        "Nothing to do. To send page views from here as well, give them a name of their own in event_names.",
    ),
    **ORDERS,
    ("suppressed", "consent"): Told(
        "Consent was denied, or stayed unknown where it must be given.",
        "Nothing to do if that is so. Otherwise let events carry `consent`, or see consent_unknown.",
    ),
    ("suppressed", "erasure"): Told(
        "Its data was erased, as the person or the shop asked.", "Nothing to do: it is never sent."
    ),
    ("refused", "event_too_large"): Told(
        "It alone is larger than a request may be.", "Send fewer items or smaller properties."
    ),
    ("expired", "too_old"): Told(
        "It is older than the platform takes.",
        "Send events within days. age_days_max in the connection's table is the limit.",
    ),
    ("expired", "hold_ended"): Told(
        "What it waited for did not come in time.",
        "If it was paid after all: do the shop's webhooks come here? orders.hold_days_max is the limit.",
    ),
    ("dead", "ambiguous_expired"): Told(
        "An attempt may have arrived, and by now the platform would count a repeat as a second sale.",
        "Look for the event id on the platform. Only if it is not there: `fullsignal dead replay --force`.",
    ),
    ("dead", "unrecognised"): Told(
        "The platform answered in a way that nobody can read, three times.",
        "Look at the attempts. If the platform works again: `fullsignal dead replay`.",
    ),
    ("dead", "corrupt"): Told(
        "The stored event does not open: it is damaged, or keys.json is not the one it was sealed with.",
        "Restore keys.json from the backup, then `fullsignal dead replay`.",
    ),
}

# Why a whole connection stands still. No event is lost and no attempt is spent meanwhile.
PAUSED: Final = {
    "auth": Told(
        "The platform does not accept the access token, so the connection is paused.",
        "Put a good token where the configuration says. A file is read again at once; after "
        "another change send SIGHUP or restart.",
    ),
    "permission": Told(
        "The token may not use this account, so the connection is paused.",
        "Give the token's user the rights on the account that owns the event source; it resumes by itself.",
    ),
    "settings": Told(
        "The platform says that the account or the address is wrong, so the connection is paused.",
        "Correct the connection's table in fullsignal.toml, then restart the server.",
    ),
    "refusing_everything": Told(
        "The platform refuses one event after another for the same cause, so the connection is paused.",
        "Look at the cause in `fullsignal dead`, correct it, replay; it looks again by itself.",
    ),
}

# Codes of our own: what happened on the way.
ON_THE_WAY: Final = {
    "unreachable": Told(
        "No connection to the platform could be made.", "Check DNS, the firewall and a proxy on this machine."
    ),
    "invalid_url": Told("The endpoint is no address.", "Correct endpoint, or leave it out."),
    "timeout": Told("The platform did not answer in time; it may have taken it.", _ITSELF),
    "connection_lost": Told("The connection broke before an answer came; it may have taken it.", _ITSELF),
    "no_answer": Told("No answer came; it may have taken it.", _ITSELF),
    "interrupted": Told(
        "The server stopped before the answer came; the platform may have taken it.", _ITSELF
    ),
    "internal": Told(
        "A fault in fullsignal; it is tried again.", "The server's log says where; please report it."
    ),
}
_HTTP: Final = Told(
    "Something between here and the platform answered, not the platform itself.",
    "If it lasts: is there a proxy, or is endpoint wrong?",
)

# ---- the platforms' codes ------------------------------------------------------------------------------

_NEW_ONE: Final = (
    "Create a token in Events Manager (data source > Settings > Events API) and put it where the "
    "configuration says."
)
_DEVELOPER: Final = (
    "Ask the owner of the developer app, or use a token from Events Manager, which needs no app."
)
_SLOWER: Final = (
    "Nothing to do: sending slows down. If it lasts for hours, look who else sends to this pixel."
)
_THEIRS: Final = (
    "Nothing to do: it is sent again with the same event id. If it lasts, look at their status page."
)
_OURS: Final = "The request itself is wrong, not your data: please report it with the request id."
_ENDPOINT: Final = "Leave endpoint out of the connection's table to use TikTok's own address."

_TIKTOK: Final = {
    0: Told("TikTok took it."),
    20001: Told("TikTok took a part of the batch.", "Look at the refused events with `fullsignal dead`."),
    40000: Told("A parameter is invalid.", "The message names the field: correct it at its source."),
    40001: Told(
        "The token may not send to this pixel or event set.",
        "1. The user who made the token must be Admin or Operator of the ad account that owns the pixel; an "
        "Analyst may not send. 2. The token must come from that ad account, not from another. 3. pixel_code "
        "is the code with letters, not the numeric pixel id. It resumes by itself.",
    ),
    40002: Told(
        "A parameter is wrong or missing.",
        "If the message names event_source or event_source_id, correct the ids in the connection's table; "
        "otherwise it names a field of an event: correct it at its source.",
    ),
    40007: Told(
        "The object does not exist.", "Is the pixel code or event set still there in Events Manager?"
    ),
    40012: Told("TikTok changed nothing.", "Nothing to do if the event is there."),
    40050: Told("TikTok has seen this very request.", "Nothing to do if the event is there."),
    40062: Told(
        "Personal data came unhashed.", "A pre-hashed value may not be one: correct it at its source."
    ),
    40063: Told("The partner name is not accepted.", "Correct partner_name in the connection's table."),
    40102: Told("The access token has expired.", _NEW_ONE),
    40104: Told(
        "TikTok saw no access token.",
        "The variable or file with the token is empty, or a proxy removes the header Access-Token. "
        + _NEW_ONE,
    ),
    40105: Told(
        "The access token is wrong or was revoked.",
        "Compare it with the one from Events Manager: whole, without quotes, spaces or line breaks inside. A "
        "developer-app token dies when the authorisation is withdrawn. " + _NEW_ONE,
    ),
    40106: Told(
        "The user behind the token is not valid.", "Let somebody with a role on the account create one."
    ),
    40110: Told("The authorisation code was used or is too old.", "Authorise again."),
    40115: Told("The authorisation's time is over.", "Check this machine's clock, then authorise again."),
    40118: Told(
        "The account is not on TikTok's allow list.", "Ask your TikTok contact to enable this channel."
    ),
    40300: Told("The advertiser does not exist.", "Is the ad account still there, and the token its own?"),
    40301: Told("The advertiser does not match.", "Use a token of the ad account that owns the pixel."),
    40700: Told("A service inside TikTok refused the request.", "Give TikTok's support the request id."),
    41000: Told("TikTok takes nothing from this country's addresses.", "Run the server in another country."),
    **dict.fromkeys((40101, 40114), Told("A part of the authorisation is invalid.", _NEW_ONE)),
    **dict.fromkeys(
        (40003, 40103, 40107, 40108, 40109, 40112, 40113, 40116, 40117, 40119, 40124, 40125, 40130, 40131),
        Told("The developer app behind the token is not accepted.", _DEVELOPER),
    ),
    **dict.fromkeys((40016, 40100, 40132, 40133, 61000), Told("Too many requests at once.", _SLOWER)),
    **dict.fromkeys(
        (40008, 40009, 40010, 40013, 40014, 40051, 40400),
        Told("The address is not the right one.", _ENDPOINT),
    ),
    **dict.fromkeys(
        (40006, 40011, 40061, 40200, 41001, 41002), Told("TikTok does not take such requests.", _OURS)
    ),
    **dict.fromkeys((40201, 40202), Told("TikTok was busy with the same thing.", _THEIRS)),
}
CODES: Final[Mapping[str, Mapping[int, Told]]] = {"tiktok": _TIKTOK}
# first · last · what it is, where CODES has none
_FAMILIES: Final = (
    (40101, 40119, Told("The platform does not accept the authorisation.", _NEW_ONE)),
    (50000, 59999, Told("The platform had a fault of its own.", _THEIRS)),
    (60000, 69999, Told("The platform is under maintenance.", _THEIRS)),
)
_UNKNOWN: Final = Told(
    "The platform answered with a code that is not documented.", "Its own words are beside."
)
_TEST_PAGES: Final = {
    "tiktok": "TikTok Ads Manager > Tools > Events > your data source > Test Events, code {code}: it shows "
    "there within seconds, at times after a minute or two."
}


def outcome(found: Mapping[str, Any], destination: str) -> Told:
    """An outcome as `events` shows it: state, reason, code."""
    state, reason, code = found["state"], found.get("reason") or "", found.get("code") or ""
    if reason.startswith("paused_"):
        return paused(reason.removeprefix("paused_"), destination, code)
    known = REASONS.get((state, reason))
    if known is not None:
        return known
    if state in {"refused", "retrying"} and code:
        return answered(destination, code)
    return STATES.get(state, Told(""))


def paused(reason: str, destination: str, code: str = "") -> Told:
    """Why a connection stands still; where the platform's code says more, with that."""
    told = PAUSED.get(reason, Told("The connection is paused."))
    return Told(told.sentence, answered(destination, code).remedy or told.remedy) if code else told


def answered(destination: str, code: str) -> Told:
    """A code of the platform, or of the way there."""
    if code in ON_THE_WAY:
        return ON_THE_WAY[code]
    if code.startswith("http_"):
        return _HTTP
    if not code.isdigit():
        return _UNKNOWN
    number = int(code)
    known = CODES.get(destination, {}).get(number)
    return known or next((t for first, last, t in _FAMILIES if first <= number <= last), _UNKNOWN)


def test_page(destination: str, code: str) -> str:
    """Where the platform shows events that carry a test code."""
    return _TEST_PAGES.get(destination, "The platform's page for test events, code {code}.").format(code=code)
