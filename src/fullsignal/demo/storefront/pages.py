"""The shop's pages: files under pages/ with places to fill in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import Any, Final

from fullsignal.demo.storefront.carts import Cart
from fullsignal.demo.storefront.goods import CURRENCY, GOODS, Product
from fullsignal.demo.storefront.guests import BLOCKERS, BOXES, Guest, prefilled
from fullsignal.demo.storefront.hints import hints
from fullsignal.demo.storefront.sales import Sale

FOLDER: Final = Path(__file__).parent / "pages"
COUNTRIES: Final = {"US": "United States", "DE": "Germany"}


class Pages:
    """`key`: the public key that the shop's script tag carries."""

    def __init__(self, key: str) -> None:
        self._key = key

    # ---- the shop ---------------------------------------------------------------------------------------

    def home(self, guest: Guest, offset: float) -> str:
        cards = "".join(
            fill("card.html", href=_path(p), picture=p.picture, title=p.title, price=money(p.price))
            for p in GOODS.values()
        )
        shown = ecommerce("view_item_list", items=[p.item() for p in GOODS.values()], item_list_name="Home")
        return self._shop(guest, offset, "Things for a desk", fill("home.html", cards=cards), shown)

    def product(self, guest: Guest, offset: float, product: Product) -> str:
        one = {"currency": CURRENCY, "value": float(product.price), "items": [product.item()]}
        body = fill(
            "product.html",
            picture=product.picture,
            title=product.title,
            price=money(product.price),
            words=product.words,
            id=product.id,
            added=in_script({"event": "add_to_cart", "ecommerce": one}),
        )
        return self._shop(guest, offset, product.title, body, ecommerce("view_item", **one))

    def cart(self, guest: Guest, offset: float) -> str:
        cart = guest.cart
        if not cart.count:
            return self._shop(guest, offset, "Cart", fill("empty.html"))
        body = fill("cart.html", lines=_lines(cart, form=True), **_sums(cart))
        return self._shop(guest, offset, "Cart", body, ecommerce("view_cart", **_of(cart)))

    def checkout(self, guest: Guest, offset: float) -> str:
        cart = guest.cart
        fields = {name: escape(value) for name, value in prefilled(guest).items()}
        fields["country"] = COUNTRIES[guest.country]
        pay = "phone" if guest.switches.phone else "payment"
        body = fill(
            "checkout.html",
            lines=_lines(cart, form=False),
            payment=fill(f"checkout-{pay}.html", total=money(cart.total)),
            paying=in_script(
                {"event": "add_payment_info", "ecommerce": _of(cart) | {"payment_type": "card"}}
            ),
            **_sums(cart),
            **fields,
        )
        return self._shop(guest, offset, "Checkout", body, ecommerce("begin_checkout", **_of(cart)))

    def thanks(self, guest: Guest, offset: float, sale: Sale) -> str:
        bought = ecommerce(
            "purchase",
            transaction_id=sale.id,
            value=float(sale.total),
            currency=sale.currency,
            items=sale.items,
        )
        body = fill("thanks.html", number=f"{sale.number}", total=money(sale.total), lines=_bought(sale))
        return self._shop(guest, offset, "Thank you", body, bought)

    def payment(self, guest: Guest) -> str:
        return fill("payment.html", total=money(guest.cart.total))

    # ---- where the shop is not open ---------------------------------------------------------------------

    def closed(self, guest: Guest, sale: Sale | None) -> str:
        number = f"{sale.number}" if sale else ""
        return self._outside(guest, "Tab closed", fill("closed.html", number=number))

    def phone(self, guest: Guest, sale: Sale | None) -> str:
        number, total = (f"{sale.number}", money(sale.total)) if sale else ("", "")
        return self._outside(guest, "Paid on the phone", fill("phone.html", number=number, total=total))

    def later(self, guest: Guest) -> str:
        forget = "yes" if guest.switches.safari else ""
        return fill("between.html", title="Eight days later …", post="/_demo/later", forget=forget)

    def over(self) -> str:
        """What the browser remembers is cleared with the new guest's first page."""
        return fill("between.html", title="Starting over …", post="/_demo/reset", forget="")

    def panel(self) -> str:
        return fill("panel.html")

    def story(self, number: int, told: str) -> str:
        return fill("story.html", number=f"{number}", told=escape(told))

    # ---- frames -----------------------------------------------------------------------------------------

    def _shop(self, guest: Guest, offset: float, title: str, body: str, pushes: str = "") -> str:
        banner = fill("banner.html") if guest.switches.banner and not guest.answer else ""
        said = f'fullsignal("consent", "{guest.answer}");' if guest.switches.banner and guest.answer else ""
        return fill(
            "shop.html",
            title=escape(title),
            bar=self._bar(guest),
            body=body,
            banner=banner,
            clock=fill("clock.js", offset=f"{round(offset * 1000)}") if offset else "",
            clean="localStorage.clear(); sessionStorage.clear();" if guest.fresh else "",
            said=said,
            pushes=pushes,
            key=self._key,
            count=f"{guest.cart.count}",
        )

    def _outside(self, guest: Guest, title: str, body: str) -> str:
        return fill("outside.html", title=escape(title), bar=self._bar(guest), body=body)

    def _bar(self, guest: Guest) -> str:
        on = guest.switches
        flags = {name: "checked" if getattr(on, name) else "" for name in BOXES}
        picked = {f"blocker_{one}": "selected" if on.blocker == one else "" for one in BLOCKERS}
        count = sum(bool(flag) for flag in flags.values()) + (on.blocker != "off")
        said = "".join(f"<li>{escape(hint)}" for hint in hints(guest))
        return fill("bar.html", hints=said, count=f" ({count} on)" if count else "", **flags, **picked)


@cache
def _template(name: str) -> Template:
    return Template((FOLDER / name).read_text(encoding="utf-8"))


def fill(name: str, **places: str) -> str:
    """Raises KeyError where a place of the file is not filled. Values are HTML already."""
    return _template(name).substitute(places)


def _path(product: Product) -> str:
    return f"/products/{product.handle}"


def money(amount: Decimal) -> str:
    return f"${amount:,.2f}"


def in_script(value: Any) -> str:
    """JSON that can end neither the script nor the attribute it stands in."""
    text = json.dumps(value)
    for sign in "<&'":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def ecommerce(event: str, **fields: Any) -> str:
    """A push to GA4's data layer, with the reset before it that Google recommends."""
    push = in_script({"event": event, "ecommerce": fields})
    return f"dataLayer.push({{ecommerce: null}}); dataLayer.push({push});"


def _of(cart: Cart) -> dict[str, Any]:
    return {"currency": CURRENCY, "value": float(cart.goods_total), "items": cart.items()}


def _sums(cart: Cart) -> Mapping[str, str]:
    return {
        "goods": money(cart.goods_total),
        "shipping": money(cart.total - cart.goods_total),
        "total": money(cart.total),
    }


def _lines(cart: Cart, *, form: bool) -> str:
    name = "line.html" if form else "line-short.html"
    return "".join(
        fill(
            name,
            picture=product.picture,
            title=product.title,
            href=_path(product),
            id=product.id,
            quantity=f"{quantity}",
            sum=money(product.price * quantity),
        )
        for product, quantity in cart.lines
    )


def _bought(sale: Sale) -> str:
    return "".join(
        fill(
            "line-short.html",
            picture=GOODS[item["item_id"]].picture,
            title=escape(item["item_name"]),
            href="",
            id="",
            quantity=f"{item['quantity']}",
            sum=money(GOODS[item["item_id"]].price * item["quantity"]),
        )
        for item in sale.items
    )
