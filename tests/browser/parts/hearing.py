"""What consent tests share: the three words, and how to ask a page what was heard last."""

from __future__ import annotations

from .conftest import SETTINGS

ALL = ("ad_storage", "ad_user_data", "ad_personalization")
GRANTED, DENIED, UNKNOWN = (dict.fromkeys(ALL, word) for word in ("granted", "denied", ""))


async def watch(page, past=(), **settings):
    await page.evaluate("([s, past]) => watch(s, past)", [SETTINGS | settings, list(past)])


async def heard(page):
    """(the words, who said them) as they are told last."""
    last = await page.evaluate("heard[heard.length - 1]")
    return last["consent"], last["from"]


async def opted_out(page):
    return await page.evaluate("heard[heard.length - 1].optedOut")


# The stub that a page has from its first moment: calls wait until the tool is there (IAB's CMP API v2).
TCF_STUB = """
(() => {
  const queue = [];
  window.__tcfapi = (...call) => queue.push(call);
  window.cmp = (data) => {
    window.__tcfapi = (command, version, callback) => callback(data, true);
    for (const [command, version, callback] of queue) {
      if (command == "addEventListener" && version == 2) callback(data, true);
    }
  };
})();
"""


def tc_data(*purposes, status="useractioncomplete", applies=True, vendors=()):
    return {
        "eventStatus": status,
        "gdprApplies": applies,
        "purpose": {"consents": {str(one): one in purposes for one in range(1, 12)}},
        "vendor": {"consents": {str(one): True for one in vendors}},
    }
