"""Forms: what is read of them, and above all what is not."""

from __future__ import annotations

import pytest

from .conftest import SETTINGS

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def submitted(visit, fields, page_script="", form="class=newsletter", **settings):
    """What the script was told by a form with these fields, sent by its button."""
    html = f"<form {form}>{fields}<button>Send</button></form>"
    page = await visit(page_script, html)
    given = SETTINGS | {"forms": ["form.newsletter", "#account"]} | settings
    await page.evaluate(
        """(s) => {
          window.told = [];
          parts.watchForms(s, (user) => { told.push(user); });
          addEventListener("submit", (e) => e.preventDefault());
        }""",
        given,
    )
    await page.evaluate("document.querySelector('form').requestSubmit()")
    if given["hash_in_browser"]:
        await page.wait_for_function("told.length")
    return await page.evaluate("told")


async def test_fields_are_known_by_their_attribute_then_autocomplete_then_type(visit) -> None:
    told = await submitted(
        visit,
        """
        <input data-fs-field=external_id value=C-17>
        <input data-fs-field=email autocomplete=off value=jane.roe@example.com>
        <input autocomplete="section-a shipping mobile tel" type=text value="+1 202 555 0143">
        <input autocomplete=given-name value=Jane><input autocomplete=family-name value=Roe>
        <input autocomplete="shipping address-level2" value=Bonn>
        <input autocomplete=address-level1 value=NRW>
        <input type=tel autocomplete=postal-code value=53111>
        <select autocomplete=country><option value=DE selected>Germany</select>
        """,
    )
    assert told == [
        {
            "external_id": "C-17",
            "email": "jane.roe@example.com",
            "phone": "+1 202 555 0143",
            "first_name": "Jane",
            "last_name": "Roe",
            "city": "Bonn",
            "state": "NRW",
            "zip": "53111",
            "country": "DE",
        }
    ]
    by_type = "<input type=email value=' jane.roe@example.com '><input type=tel value=+12025550143>"
    assert await submitted(visit, by_type) == [{"email": "jane.roe@example.com", "phone": "+12025550143"}]


async def test_the_first_value_of_a_field_counts_and_empty_ones_do_not(visit) -> None:
    fields = "<input type=email><input type=email value=a@example.com><input type=email value=b@example.com>"
    assert await submitted(visit, fields) == [{"email": "a@example.com"}]


async def test_a_field_outside_that_belongs_to_the_form_is_read(visit) -> None:
    html = "</form><input form=account type=email value=jane.roe@example.com>"
    assert await submitted(visit, html, form="id=account") == [{"email": "jane.roe@example.com"}]


@pytest.mark.parametrize(
    "field",
    [
        "<input type=password data-fs-field=email value=secret>",
        "<input type=hidden data-fs-field=email value=jane.roe@example.com>",
        "<input type=checkbox data-fs-field=email value=jane.roe@example.com checked>",
        "<input autocomplete=cc-number value=4242424242424242>",
        "<input autocomplete='billing cc-name' data-fs-field=first_name value=Jane>",
        "<input type=tel name=card_number value=4242424242424242>",
        "<input type=tel id=cvc value=123>",
        "<input type=tel name=CVV value=123>",
        "<input type=tel name=iban value=DE00>",
        "<input type=tel name=ssn value=000-00-0000>",
        "<input type=tel autocomplete=one-time-code value=123456>",
        "<input type=tel name=otp value=123456>",
        "<input type=email data-fs-ignore value=jane.roe@example.com>",
        "<fieldset data-fs-ignore><input type=email value=jane.roe@example.com></fieldset>",
        "<input value=jane.roe@example.com>",
        "<textarea data-fs-field=email>jane.roe@example.com</textarea>",
        "<input data-fs-field=password value=secret>",
        "<input data-fs-field=constructor value=x>",
        "<input autocomplete=constructor value=x>",
    ],
)
async def test_what_is_secret_or_not_declared_is_never_read(visit, field) -> None:
    assert await submitted(visit, field + "<input data-fs-field=external_id value=C-17>") == [
        {"external_id": "C-17"}
    ]


async def test_other_forms_and_empty_ones_say_nothing(visit) -> None:
    field = "<input type=email value=jane.roe@example.com>"
    assert await submitted(visit, field, form="class=login") == []
    assert await submitted(visit, "<input type=email>") == []


async def test_a_page_that_stops_the_event_does_not_hide_it(visit) -> None:
    stops = """
    addEventListener("DOMContentLoaded", () => {
      document.querySelector("form").addEventListener("submit", (e) => {
        e.preventDefault();
        e.stopImmediatePropagation();
      });
    });
    """
    field = "<input type=email value=jane.roe@example.com>"
    assert await submitted(visit, field, stops) == [{"email": "jane.roe@example.com"}]


async def test_without_selectors_nothing_listens_and_while_typing_nothing_is_read(visit) -> None:
    listens = """
    window.listeners = [];
    for (const target of [Window.prototype, Document.prototype]) {
      const add = EventTarget.prototype.addEventListener;
      target.addEventListener = function (type, ...more) {
        listeners.push(type);
        add.call(this, type, ...more);
      };
    }
    """
    page = await visit(listens)
    await page.evaluate("(s) => { listeners.length = 0; parts.watchForms(s, () => {}); }", SETTINGS)
    assert await page.evaluate("listeners") == []
    await page.evaluate("(s) => parts.watchForms(s, () => {})", SETTINGS | {"forms": ["form"]})
    assert await page.evaluate("listeners") == ["submit"]


async def test_a_selector_that_is_none_breaks_nothing(visit) -> None:
    assert await submitted(visit, "<input type=email value=a@example.com>", forms=["form[["]) == []
