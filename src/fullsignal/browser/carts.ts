/* The visitor's way through checkouts that this script cannot follow: written into the cart, the order, the link. */

import { attempt } from "./cmp";
import { CLICK_IDS, cookie, hooks, keep, kept, mayStore, state } from "./core";
import { visitor } from "./who";
import type { Consent } from "./types";

const page = window as any;
const each = <E extends Element>(selector: string, f: (one: E) => void) =>
  document.querySelectorAll<E>(selector).forEach(f);

/* Shopify: attributes of the cart become `note_attributes` of the order. The cart's token, without the `?key=`
   that the Ajax API has appended since June 2024 and an order's `cart_token` has not; "" where there is none. */
export function shopifyCart(attributes: Record<string, string>): Promise<string> {
  return fetch((attempt(() => page.Shopify.routes.root) || "/") + "cart/update.js", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ attributes }),
  })
    .then((answer) => answer.json())
    .then((cart) => cart.token.split("?")[0])
    .catch(() => "");
}

let marked = ""; // the visitor whose id stands in Stripe's links

/* Stripe's payment links, buy buttons and pricing tables. What the shop itself wrote there stays. Links that
   appear later get theirs when they are clicked. */
export function stripeLinks(visitor: string): void {
  const before = marked;
  marked = visitor;
  each<HTMLAnchorElement>('a[href^="https://buy.stripe.com/"]', (link) => {
    const url = new URL(link.href);
    const old = url.searchParams.get("client_reference_id");
    if (old && old != before) return;
    url.searchParams.set("client_reference_id", visitor);
    link.href = url.href;
  });
  each("stripe-buy-button,stripe-pricing-table", (button) => {
    const old = button.getAttribute("client-reference-id");
    if (!old || old == before) button.setAttribute("client-reference-id", visitor);
  });
  if (!before) document.addEventListener("click", () => stripeLinks(marked), true);
}

/* WooCommerce: hidden fields of the classic checkout; extension data of the block checkout, whose function was
   called __internalSetExtensionData before it became public. Both reach the order only through a few lines of
   PHP in the shop; without them WooCommerce ignores what it does not know. */
export function wooFields(attributes: Record<string, string>): void {
  each("form.checkout,form.woocommerce-checkout", (form) => {
    for (const name in attributes) {
      const field = form.querySelector<HTMLInputElement>(`[name=${name}]`) || document.createElement("input");
      field.type = "hidden";
      field.name = name;
      field.value = attributes[name];
      form.appendChild(field);
    }
  });
  attempt(() => {
    const checkout = page.wp.data.dispatch("wc/store/checkout");
    (checkout.setExtensionData || checkout.__internalSetExtensionData)("fullsignal", attributes);
  });
}

/* What goes into a cart, so that its order can be recognised: see sources/carried.py. */
export function attributes(): Record<string, string> {
  const { consent } = state.heard;
  const known = hooks.ids();
  const words = (Object.keys(consent) as (keyof Consent)[]).filter((word) => consent[word]);
  const written: Record<string, string> = {
    _fs_vid: visitor(),
    _fs_consent: words.map((word) => word + "=" + consent[word]).join(";"),
  };
  for (const name of (CLICK_IDS + "|ttp|fbp|fbc").split("|")) {
    const value = known[name.toLowerCase()];
    if (value) written["_fs_" + name] = value;
  }
  return written;
}

/* Again whenever the cart is another, or what we know. */
export function writeCart(): void {
  if (!mayStore() || !hooks.ids()) return;
  const written = attributes(); // what is known when the answer comes may be more
  const sign = () => JSON.stringify(written) + cookie("cart");
  if (!written._fs_vid || kept.cart == sign()) return;
  shopifyCart(written).then((token) => {
    if (!token || !mayStore()) return;
    kept.cart = sign();
    keep();
    hooks.tellSoon({ cart_token: token });
  });
}
