"""IAB TCF v2, imitated after its documentation: the stub, the tool, and the tool above a frame."""

from __future__ import annotations

import json

import pytest

from .hearing import ALL, DENIED, GRANTED, TCF_STUB, UNKNOWN, heard, tc_data, watch

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest.mark.parametrize(
    ("purposes", "granted"),
    [
        (range(1, 12), ALL),
        ((), ()),
        ((1, 7), ("ad_storage", "ad_user_data")),
        ((1,), ("ad_storage",)),
        ((7,), ()),
        ((3, 4), ("ad_personalization",)),
        ((3,), ()),
        ((4,), ()),
        ((1, 3, 4), ("ad_storage", "ad_personalization")),
    ],
    ids=str,
)
async def test_purposes_become_words_as_google_maps_them(visit, purposes, granted) -> None:
    page = await visit(TCF_STUB)
    await watch(page)
    assert await heard(page) == (UNKNOWN, "")
    await page.evaluate("cmp", tc_data(*purposes))
    assert await heard(page) == (DENIED | dict.fromkeys(granted, "granted"), "tcf")


async def test_while_the_banner_is_shown_nothing_is_known(visit) -> None:
    page = await visit(TCF_STUB)
    await watch(page)
    await page.evaluate("cmp", tc_data(status="cmpuishown"))
    assert await heard(page) == (UNKNOWN, "")


async def test_where_gdpr_does_not_apply_the_framework_says_nothing(visit) -> None:
    page = await visit(TCF_STUB)
    await watch(page)
    await page.evaluate("cmp({gdprApplies: false, eventStatus: 'tcloaded'})")
    assert await heard(page) == (UNKNOWN, "")


async def test_a_vendor_that_is_asked_for_must_be_allowed_too(visit) -> None:
    for vendors, words in (((755,), GRANTED), ((), DENIED)):
        page = await visit(TCF_STUB)
        await watch(page, tcf_vendor=755)
        await page.evaluate("cmp", tc_data(*range(1, 12), vendors=vendors))
        assert await heard(page) == (words, "tcf")


async def test_a_tool_that_comes_late_is_found(visit) -> None:
    page = await visit()
    await watch(page)
    await page.evaluate(TCF_STUB)
    await page.evaluate("cmp", tc_data(*range(1, 12), status="tcloaded"))
    await page.wait_for_function("heard.length > 1")
    assert await heard(page) == (GRANTED, "tcf")


# The page above a frame: an iframe of that name, and answers to messages (IAB's CMP API v2).
LOCATOR = """
<iframe name="__tcfapiLocator" hidden></iframe>
<script>
addEventListener("message", (e) => {
  const call = e.data && e.data.__tcfapiCall;
  if (!call || call.command != "addEventListener" || call.version != 2) return;
  const answer = {returnValue: %s, success: true, callId: call.callId};
  e.source.postMessage({__tcfapiReturn: answer}, "*");
});
</script>
<iframe src="/inside" name="inside"></iframe>
"""


async def test_in_a_frame_the_tool_above_is_asked(visit) -> None:
    inside = {"/inside": {"body": "<!doctype html>", "content_type": "text/html"}}
    page = await visit("", LOCATOR % json.dumps(tc_data(1, 7)), inside)
    frame = page.frame("inside")
    await watch(frame)
    await frame.wait_for_function("heard.length > 1")
    assert await heard(frame) == (GRANTED | {"ad_personalization": "denied"}, "tcf")
