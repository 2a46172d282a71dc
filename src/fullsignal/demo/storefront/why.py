"""Why a sale was or was not reported, in words for somebody who buys ads. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, NamedTuple

from fullsignal import reasons
from fullsignal.demo.storefront.sales import Sale
from fullsignal.demo.telling import KEY_WORDS

# reached: TikTok has it. declined: nothing was to be sent. kept: something else keeps it. waiting: not yet.
Verdict = Literal["reached", "declined", "kept", "waiting"]

# The rung on which fullsignal found the browser that an order belongs to.
RUNGS: Final = {
    "visitor_id": "by the mark that its script had written into the cart",
    "cart_token": "by the cart",
    "checkout_token": "by the checkout",
    "client_reference": "by the payment's reference",
    "email": "by the e-mail address",
    "phone": "by the phone number",
    "external_id": "by the customer number",
}
# What is worth a word of the keys that an order brings.
TELLING: Final = ("email", "phone", "ttclid")
UNSETTLED: Final = frozenset({"pending", "sending", "retrying"})


@dataclass(frozen=True)
class Side:
    """One sale as one stand-in for TikTok has it."""

    via: tuple[str, ...] = ()  # pixel, server
    copies: int = 0
    counted: int = 0  # how often it counts; more than once would be wrong
    keys: tuple[str, ...] = ()  # match keys that any copy brought
    person: bool = False  # TikTok knows whose it is
    ad: bool = False  # and credits an ad with it

    def described(self) -> dict[str, Any]:
        return {**asdict(self), "words": [KEY_WORDS[key] for key in self.keys]}


class Told(NamedTuple):
    verdict: Verdict
    sentences: list[str]


def why(
    sale: Sale, pixel: Side, tiktok: Side, root: Mapping[str, Any] | None, outcome: Mapping[str, Any]
) -> Told:
    """root: the sale's first copy as the journal describes it. outcome: what became of it at TikTok."""
    verdict = _verdict(sale, tiktok, root, outcome)
    return Told(verdict, [*_of_pixel(sale, pixel), *_of_fullsignal(sale, pixel, tiktok, root, outcome)])


def _verdict(sale: Sale, tiktok: Side, root: Mapping[str, Any] | None, outcome: Mapping[str, Any]) -> Verdict:
    state, reason = outcome.get("state"), outcome.get("reason")
    if (state, reason) == ("suppressed", "consent"):
        return "declined"
    if (state, reason) == ("held", "consent") and sale.answer == "denied":
        return "declined"  # the refusal was not told, and without consent nothing is sent either
    if root is None or state in UNSETTLED or (state == "held" and reason != "consent"):
        return "waiting"
    if state == "held":
        return "kept"
    return "reached" if "server" in tiktok.via else "kept"


# ---- the pixel --------------------------------------------------------------------------------------------


def _of_pixel(sale: Sale, pixel: Side) -> list[str]:
    if not pixel.copies:
        return [_sentence(_causes(sale)) or "The pixel has not reported it yet."]
    if pixel.ad:
        return ["The pixel reported it, with the ad click."]
    if sale.from_ad_days is None:
        return ["The pixel reported it. The visitor came by no ad."]
    if sale.deleted and "ttclid" not in pixel.keys:
        return ["The pixel reported it, but the browser had deleted its memory of the ad click."]
    return ["The pixel reported it, but no ad is credited with it."]


def _causes(sale: Sale) -> list[str]:
    found = []
    if sale.banner and sale.answer == "denied":
        found.append("consent was declined")
    elif sale.banner and not sale.answer:
        found.append("the consent banner was not answered")
    if sale.blocker != "off":
        found.append("the ad blocker kept it from loading")
    if sale.phone:
        found.append("the order was paid on a phone, where this browser's pixel is not")
    elif sale.close:
        found.append("the tab was closed before the thank-you page, where it reports sales")
    return found


def _sentence(causes: list[str]) -> str:
    return f"The pixel reported nothing: {_list(causes)}." if causes else ""


# ---- fullsignal -------------------------------------------------------------------------------------------


def _of_fullsignal(
    sale: Sale, pixel: Side, tiktok: Side, root: Mapping[str, Any] | None, outcome: Mapping[str, Any]
) -> list[str]:
    state, reason = outcome.get("state"), outcome.get("reason")
    if root is None:
        if sale.webhook not in (0, 200):
            return [f"The shop's server told fullsignal of the order, which answered {sale.webhook}."]
        return ["The order is on its way."]
    if (state, reason) == ("suppressed", "consent"):
        return ["fullsignal got the order from the shop and sent nothing to TikTok, as the visitor wished."]
    if (state, reason) == ("held", "consent"):
        return [
            "fullsignal got the order from the shop and keeps it back, because nobody has agreed. Unless "
            "somebody does within ten minutes, it is never sent."
        ]
    if (state, reason) == ("held", "merge"):
        return ["fullsignal has the order and waits a moment for the browser's report, to send both as one."]
    if state in UNSETTLED:
        return ["fullsignal has the order and is sending it."]
    if "server" not in tiktok.via:
        told = reasons.outcome(outcome, "tiktok")
        return [f"fullsignal has the order. {told.sentence} {outcome.get('message') or ''}".strip()]
    return [*_who(sale, pixel, tiktok, root), *_once(tiktok)]


def _who(sale: Sale, pixel: Side, tiktok: Side, root: Mapping[str, Any]) -> Iterable[str]:
    rung = root.get("stitched") or ""
    brought = [KEY_WORDS[key] for key in TELLING if key in tiktok.keys and key not in pixel.keys]
    more = f" It brought what the pixel did not have: {_list(brought)}." if brought and pixel.copies else ""
    with_it = f" With it came {_list(brought)}." if brought and not pixel.copies else ""
    if rung in RUNGS:
        yield (
            "The shop's server told fullsignal of the order, which found the visitor's browser "
            f"{RUNGS[rung]}.{more}{with_it}"
        )
    elif sale.blocker == "all":
        yield (
            "The shop's server told fullsignal of the order. The visitor's browser could tell nothing, so "
            f"the order speaks for itself.{more}{with_it}"
        )
    else:
        yield f"The shop's server told fullsignal of the order.{more}{with_it}"
    if tiktok.ad and not pixel.ad:
        yield "So TikTok credits the ad with the sale."


def _once(tiktok: Side) -> Iterable[str]:
    if tiktok.copies > 1 and tiktok.counted == 1:
        yield "Both reports carry one id: TikTok counts the sale once."
    elif tiktok.counted > 1:
        yield f"TikTok counts it {tiktok.counted} times, which is wrong."


def _list(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
