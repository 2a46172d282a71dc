"""Carts, payment links and checkouts, each imitated after its vendor's documentation."""

from __future__ import annotations

import json

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

VISITOR = "0192f0c0-aaaa-7bbb-8ccc-ddddeeeeffff"
ATTRIBUTES = {"_fs_vid": VISITOR, "_fs_consent": "ad_storage=granted;ad_user_data=granted"}


# ---- Shopify ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("token", "known"),
    [
        (
            "Z2NwLXN5bnRoLWNhcnQtdG9rZW4tMDAwMQ?key=824bdj25mhg1242bdb385",
            "Z2NwLXN5bnRoLWNhcnQtdG9rZW4tMDAwMQ",
        ),
        ("c1-7a2abe82733a34e84aa472d57fb5c3c1", "c1-7a2abe82733a34e84aa472d57fb5c3c1"),
    ],
)
async def test_the_carts_token_comes_back_as_an_order_has_it(visit, token, known) -> None:
    cart = {"body": json.dumps({"token": token, "attributes": ATTRIBUTES})}
    page = await visit(answers={"/cart/update.js": cart})
    assert await page.evaluate("(a) => parts.shopifyCart(a)", ATTRIBUTES) == known
    method, path, body = page.asked[-1]
    assert (method, path, json.loads(body)) == ("POST", "/cart/update.js", {"attributes": ATTRIBUTES})


async def test_the_cart_of_a_shop_with_languages_is_below_its_root(visit) -> None:
    answers = {"/en-ca/cart/update.js": {"body": '{"token": "t"}'}}
    page = await visit("window.Shopify = {routes: {root: '/en-ca/'}};", answers=answers)
    assert await page.evaluate("parts.shopifyCart({})") == "t"


@pytest.mark.parametrize(
    "answer", [{"status": 404, "body": "{}"}, {"body": "<html>"}, {"body": '{"token": null}'}], ids=str
)
async def test_where_there_is_no_cart_there_is_no_token_and_no_exception(visit, answer) -> None:
    page = await visit(answers={"/cart/update.js": answer})
    assert await page.evaluate("parts.shopifyCart({})") == ""


# ---- Stripe -------------------------------------------------------------------------------------------

LINK = "https://buy.stripe.com/test_1"


async def test_payment_links_and_buttons_get_the_visitor_unless_the_shop_wrote_something(visit) -> None:
    page = await visit(
        html=f"""
        <a id=bare href="{LINK}"></a>
        <a id=query href="{LINK}?prefilled_email=jane.roe%40example.com#top"></a>
        <a id=theirs href="{LINK}?client_reference_id=order-17"></a>
        <a id=elsewhere href="https://shop.example/buy"></a>
        <stripe-buy-button id=button></stripe-buy-button>
        <stripe-pricing-table id=table client-reference-id=theirs></stripe-pricing-table>
        """
    )
    await page.evaluate("parts.stripeLinks('v-1')")
    await page.evaluate("parts.stripeLinks", VISITOR)  # somebody logged out: another visitor
    get = "(what) => [...document.querySelectorAll(`[${what}]`)].map((one) => one.getAttribute(what))"
    assert await page.evaluate(get, "href") == [
        f"{LINK}?client_reference_id={VISITOR}",
        f"{LINK}?prefilled_email=jane.roe%40example.com&client_reference_id={VISITOR}#top",
        f"{LINK}?client_reference_id=order-17",
        "https://shop.example/buy",
    ]
    assert await page.evaluate(get, "client-reference-id") == [VISITOR, "theirs"]


async def test_a_link_that_appears_later_gets_the_visitor_when_it_is_clicked(visit) -> None:
    page = await visit()
    await page.evaluate("parts.stripeLinks", VISITOR)
    await page.evaluate(
        """(href) => {
          document.body.innerHTML = `<a href="${href}"><b>Buy</b></a>`;
          const link = document.querySelector("a");
          link.addEventListener("click", (e) => {
            e.preventDefault();
            e.stopPropagation();
            window.went = link.href;
          });
          document.querySelector("b").click();
        }""",
        LINK,
    )
    assert await page.evaluate("went") == f"{LINK}?client_reference_id={VISITOR}"


# ---- WooCommerce --------------------------------------------------------------------------------------


async def test_the_classic_checkout_sends_the_attributes_with_the_order(visit) -> None:
    page = await visit(html="<form class='checkout woocommerce-checkout'><input name=billing_email></form>")
    await page.evaluate("parts.wooFields({_fs_vid: 'v-1', _fs_consent: ''})")
    await page.evaluate("(a) => parts.wooFields(a)", ATTRIBUTES)
    sent = await page.evaluate("[...new FormData(document.querySelector('form'))]")
    assert dict(sent) == {"billing_email": "", **ATTRIBUTES}
    assert len(sent) == 3


@pytest.mark.parametrize("name", ["setExtensionData", "__internalSetExtensionData"])
async def test_the_block_checkout_gets_them_as_extension_data(visit, name) -> None:
    page = await visit(
        f"""window.wp = {{data: {{dispatch: (store) => (
          {{{name}: (space, data) => {{ window.extension = [store, space, data]; }}}})}}}};"""
    )
    await page.evaluate("(a) => parts.wooFields(a)", ATTRIBUTES)
    assert await page.evaluate("extension") == ["wc/store/checkout", "fullsignal", ATTRIBUTES]


async def test_where_there_is_no_checkout_nothing_happens(visit) -> None:
    page = await visit()
    await page.evaluate("(a) => parts.wooFields(a)", ATTRIBUTES)
    assert await page.evaluate("document.querySelectorAll('input').length") == 0
