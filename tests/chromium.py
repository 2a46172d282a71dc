"""What tests share that drive a real Chromium: where it is, how it starts, and the snippet of the pixel."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# The base code as TikTok's install page describes it: a queue, a method bag for each pixel, a script element.
BASE_CODE = """
!function (w, d, t) {
  w.TiktokAnalyticsObject = t;
  var ttq = w[t] = w[t] || [];
  ttq.methods = ["page", "track", "identify", "instances", "debug", "on", "off", "once", "ready", "alias",
    "group", "enableCookie", "disableCookie", "holdConsent", "revokeConsent", "grantConsent"];
  ttq.setAndDefer = function (t, e) {
    t[e] = function () { t.push([e].concat(Array.prototype.slice.call(arguments, 0))) };
  };
  for (var i = 0; i < ttq.methods.length; i++) ttq.setAndDefer(ttq, ttq.methods[i]);
  ttq.instance = function (t) {
    for (var e = ttq._i[t] || [], n = 0; n < ttq.methods.length; n++) ttq.setAndDefer(e, ttq.methods[n]);
    return e;
  };
  ttq.load = function (e, n) {
    var i = "%s/i18n/pixel/events.js";
    ttq._i = ttq._i || {}, ttq._i[e] = [], ttq._i[e]._u = i;
    ttq._t = ttq._t || {}, ttq._t[e] = +new Date;
    ttq._o = ttq._o || {}, ttq._o[e] = n || {};
    var o = d.createElement("script");
    o.type = "text/javascript", o.async = !0, o.src = i + "?sdkid=" + e + "&lib=" + t;
    var a = d.getElementsByTagName("script")[0];
    a.parentNode.insertBefore(o, a);
  };
  %s
}(window, document, 'ttq');
"""


def need_chromium() -> None:
    """A test without it is skipped, and failed where everything has to be there."""
    if not CHROMIUM.exists():
        do_without(f"{CHROMIUM} is missing: apt-get update && apt-get install -y chromium")


def do_without(message: str) -> None:
    pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)
