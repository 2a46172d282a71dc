"""Consent tools: each is imitated after its vendor's documentation by a few lines on the page."""

from __future__ import annotations

import asyncio

import pytest

from .hearing import DENIED, GRANTED, TCF_STUB, UNKNOWN, heard, opted_out, tc_data, watch

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

# ---- no tool, and the site itself ---------------------------------------------------------------------


async def test_who_says_nothing_is_told_once_and_at_once(visit) -> None:
    page = await visit()
    await watch(page)
    assert await page.evaluate("heard") == [
        {"consent": UNKNOWN, "from": "", "forget": False, "optedOut": False}
    ]


async def test_the_sites_own_word_counts_for_all_three_or_for_those_it_names(visit) -> None:
    page = await visit()
    await watch(page)
    await page.evaluate("said('granted')")
    assert await heard(page) == (GRANTED, "own")
    await page.evaluate("said({ad_personalization: 'denied'})")
    assert await heard(page) == (GRANTED | {"ad_personalization": "denied"}, "own")
    await page.evaluate("said('denied')")
    assert await heard(page) == (DENIED, "own")


async def test_the_same_again_is_not_told_again(visit) -> None:
    page = await visit()
    await watch(page)
    await page.evaluate("said('granted'); said('granted'); said({ad_storage: 'granted'})")
    assert await page.evaluate("heard.length") == 2


async def test_a_word_that_is_none_is_not_heard(visit) -> None:
    page = await visit()
    await watch(page)
    await page.evaluate("said({ad_user_data: true, ad_storage: 'yes', other: 'granted'})")
    assert await heard(page) == (UNKNOWN, "")


# ---- Shopify's Customer Privacy API -------------------------------------------------------------------

SHOPIFY = """
window.privacy = {marketing: "", sale_of_data: "", allowed: true, sale: true};
window.Shopify = {
  loadFeatures: ([feature], done) => setTimeout(() => {
    if (feature.name != "consent-tracking-api" || feature.version != "0.1") return done(new Error("unknown"));
    Shopify.customerPrivacy = {
      currentVisitorConsent: () => ({marketing: privacy.marketing, sale_of_data: privacy.sale_of_data}),
      marketingAllowed: () => privacy.allowed,
      saleOfDataAllowed: () => privacy.sale,
    };
    done();
  }, 20),
};
window.chooses = (given) => {
  Object.assign(privacy, given);
  document.dispatchEvent(new CustomEvent("visitorConsentCollected", {detail: {}}));
};
"""


async def test_shopify_is_asked_for_its_api_and_heard_at_every_choice(visit) -> None:
    page = await visit(SHOPIFY + "privacy.marketing = 'yes';")
    await watch(page)
    await page.wait_for_function("heard.length > 1")
    assert await heard(page) == (GRANTED, "shopify")
    await page.evaluate("chooses({marketing: 'no', allowed: false})")
    assert await heard(page) == (DENIED, "shopify")


async def test_shopify_says_nothing_of_who_has_not_chosen(visit) -> None:
    page = await visit(SHOPIFY)
    await watch(page)
    await page.wait_for_function("Shopify.customerPrivacy")
    assert (await heard(page), await opted_out(page)) == ((UNKNOWN, ""), False)


async def test_nobody_opted_out_where_nothing_is_allowed_because_nobody_was_asked(visit) -> None:
    page = await visit(SHOPIFY + "privacy.allowed = privacy.sale = false;")
    await watch(page)
    await page.wait_for_function("Shopify.customerPrivacy")
    await page.evaluate("chooses({})")
    assert await opted_out(page) is False


@pytest.mark.parametrize("choice", [{"sale": False}, {"sale_of_data": "no"}], ids=str)
async def test_a_sale_of_data_that_is_not_allowed_is_an_opt_out(visit, choice) -> None:
    page = await visit(SHOPIFY)
    await watch(page)
    await page.wait_for_function("Shopify.customerPrivacy")
    await page.evaluate("chooses", choice)
    assert await opted_out(page) is True


# ---- OneTrust, Cookiebot ------------------------------------------------------------------------------

ONETRUST = """
window.chosen = false;
window.loads = (groups) => {
  window.OneTrust = {IsAlertBoxClosed: () => chosen};
  window.OnetrustActiveGroups = `,${groups.join()},`;
  window.dispatchEvent(new CustomEvent("OneTrustGroupsUpdated", {detail: groups}));
};
"""


async def test_onetrusts_targeting_group_is_a_grant_and_without_it_only_a_choice_is_a_denial(visit) -> None:
    page = await visit(ONETRUST)
    await watch(page)
    await page.evaluate("loads(['C0001', 'C0003'])")
    assert await heard(page) == (UNKNOWN, "")
    await asyncio.sleep(0.6)  # tools are looked for twice a second
    await page.evaluate("chosen = true; loads(['C0001', 'C0004'])")
    assert await heard(page) == (GRANTED, "onetrust")
    await page.evaluate("loads(['C0001', 'C0003'])")
    assert await heard(page) == (DENIED, "onetrust")


async def test_onetrusts_default_with_targeting_is_a_grant(visit) -> None:
    page = await visit(ONETRUST + "loads(['C0001', 'C0004']);")
    await watch(page)
    assert await heard(page) == (GRANTED, "onetrust")


async def test_onetrust_may_have_the_choice_stored_only_at_its_second_event(visit) -> None:
    page = await visit(ONETRUST + "loads(['C0001']);")
    await watch(page)
    await page.evaluate("loads(['C0001']); chosen = true")
    await page.evaluate("dispatchEvent(new CustomEvent('OTConsentApplied'))")
    assert await heard(page) == (DENIED, "onetrust")


COOKIEBOT = """
window.Cookiebot = {hasResponse: false, consent: {marketing: false}};
window.answers = (marketing) => {
  Cookiebot.hasResponse = true;
  Cookiebot.consent.marketing = marketing;
  window.dispatchEvent(new Event(marketing ? "CookiebotOnAccept" : "CookiebotOnDecline"));
};
"""


async def test_cookiebot_is_heard_once_the_person_answered(visit) -> None:
    page = await visit(COOKIEBOT)
    await watch(page)
    assert await heard(page) == (UNKNOWN, "")
    await page.evaluate("answers(true)")
    assert await heard(page) == (GRANTED, "cookiebot")
    await page.evaluate("answers(false)")
    assert await heard(page) == (DENIED, "cookiebot")


async def test_cookiebots_answer_of_an_earlier_page_is_heard_at_once(visit) -> None:
    page = await visit(COOKIEBOT + "answers(true);")
    await watch(page)
    assert await page.evaluate("heard.length") == 1
    assert await heard(page) == (GRANTED, "cookiebot")


# ---- who counts before whom, and what goes wrong ------------------------------------------------------


async def test_the_site_counts_before_a_tool_and_a_tool_before_consent_mode(visit) -> None:
    page = await visit(COOKIEBOT + "answers(true);")
    await watch(page, [["consent", "update", DENIED]])
    assert await heard(page) == (GRANTED, "cookiebot")
    await page.evaluate("said({ad_user_data: 'denied'})")
    assert await heard(page) == (GRANTED | {"ad_user_data": "denied"}, "own")


async def test_a_tool_that_knows_nothing_yet_leaves_the_word_to_the_next(visit) -> None:
    page = await visit(COOKIEBOT)
    await watch(page, [["consent", "update", GRANTED]])
    assert await heard(page) == (GRANTED, "consent_mode")


async def test_tools_are_asked_in_their_order(visit) -> None:
    page = await visit(TCF_STUB + ONETRUST + COOKIEBOT + "chosen = true; loads(['C0001']); answers(true);")
    await watch(page)
    assert await heard(page) == (DENIED, "onetrust")
    await page.evaluate("cmp", tc_data(*range(1, 12)))
    assert await heard(page) == (GRANTED, "tcf")


async def test_a_tool_that_throws_breaks_neither_the_page_nor_the_others(visit) -> None:
    page = await visit(
        COOKIEBOT
        + """
        const no = () => { throw new Error("broken"); };
        window.__tcfapi = no;
        window.Shopify = {loadFeatures: no, customerPrivacy: {currentVisitorConsent: no}};
        window.OnetrustActiveGroups = ",C0001,";
        window.OneTrust = {IsAlertBoxClosed: no};
        answers(true);
        """
    )
    await watch(page)
    assert await heard(page) == (GRANTED, "cookiebot")


async def test_data_that_is_not_as_documented_says_nothing(visit) -> None:
    page = await visit(TCF_STUB)
    await watch(page)
    await page.evaluate("cmp(null)")
    await page.evaluate("take(['consent']); take(['consent', 'update', null]); take([])")
    assert await heard(page) == (UNKNOWN, "")


@pytest.mark.parametrize(
    ("script", "settings"),
    [
        ("Object.defineProperty(navigator, 'globalPrivacyControl', {value: true});", {}),
        ("", {"opted_out": True}),
    ],
    ids=["the browser says so", "the request said so"],
)
async def test_global_privacy_control_is_an_opt_out(visit, script, settings) -> None:
    page = await visit(script)
    await watch(page, **settings)
    assert await opted_out(page) is True
