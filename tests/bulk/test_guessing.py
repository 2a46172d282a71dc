"""Which column is what, for the exports people have."""

from __future__ import annotations

import polars as pl
import pytest

from fullsignal.bulk import BulkError, Guess, guess, reading_of, shown


def frame(**columns: object) -> pl.DataFrame:
    return pl.DataFrame(columns)


def named(names: str, **values: str) -> list[Guess]:
    return guess(pl.DataFrame({name: [values.get(name, "1")] for name in names.split("|")}))


def fields(guesses: list[Guess]) -> dict[str, str]:
    return {one.field: one.column for one in guesses if one.field}


def test_shopifys_order_export() -> None:
    found = fields(
        named(
            "Name|Email|Financial Status|Paid at|Fulfillment Status|Accepts Marketing|Currency|Subtotal|"
            "Shipping|Taxes|Total|Discount Code|Created at|Lineitem quantity|Lineitem name|Lineitem price|"
            "Lineitem sku|Billing Name|Billing City|Billing Zip|Billing Province|Billing Country|"
            "Billing Phone|Shipping Name|"
            "Shipping City|Phone|Id|Vendor|Source|Lineitems"
        )
    )
    assert found == {
        "order_number": "Name",
        "order_id": "Id",
        "email": "Email",
        "status": "Financial Status",
        "event_time": "Created at",
        "currency": "Currency",
        "value": "Total",
        "city": "Billing City",
        "zip": "Billing Zip",
        "state": "Billing Province",
        "country": "Billing Country",
        "phone": "Billing Phone",
        "items": "Lineitems",
    }


def test_woocommerces_order_export() -> None:
    found = fields(
        named(
            "Order Number|Order Status|Order Date|Customer Note|First Name (Billing)|Last Name (Billing)|"
            "City (Billing)|State Code (Billing)|Postcode (Billing)|Country Code (Billing)|Email (Billing)|"
            "Phone (Billing)|Order Total Amount|SKU"
        )
    )
    assert found == {
        "order_id": "Order Number",
        "status": "Order Status",
        "event_time": "Order Date",
        "first_name": "First Name (Billing)",
        "last_name": "Last Name (Billing)",
        "city": "City (Billing)",
        "state": "State Code (Billing)",
        "zip": "Postcode (Billing)",
        "country": "Country Code (Billing)",
        "email": "Email (Billing)",
        "phone": "Phone (Billing)",
        "value": "Order Total Amount",
    }


def test_stripes_payments_export() -> None:
    guesses = named(
        "id|Description|Created date (UTC)|Amount|Amount Refunded|Currency|Captured|Customer ID|"
        "Customer Email|Status",
        **{"Created date (UTC)": "2026-11-20 14:15:02", "Status": "Paid"},
    )
    assert fields(guesses) == {
        "order_id": "id",
        "event_time": "Created date (UTC)",
        "value": "Amount",
        "currency": "Currency",
        "external_id": "Customer ID",
        "email": "Customer Email",
        "status": "Status",
    }
    assert reading_of(guesses).zone == "UTC"  # as its name says


def test_ga4_and_segment() -> None:
    ga4 = fields(
        named(
            "event_date|event_timestamp|event_name|user_id|user_pseudo_id|geo.country|ecommerce.transaction_id|"
            "ecommerce.purchase_revenue|device.language"
        )
    )
    assert ga4 == {
        "event_time": "event_timestamp",
        "event": "event_name",
        "external_id": "user_id",
        "country": "geo.country",
        "order_id": "ecommerce.transaction_id",
        "value": "ecommerce.purchase_revenue",
        "locale": "device.language",
    }
    segment = fields(
        named(
            "messageId|event|userId|anonymousId|timestamp|context.ip|context.userAgent|context.traits.email|"
            "properties.order_id|properties.total|properties.currency|properties.products"
        )
    )
    assert segment == {
        "event_id": "messageId",
        "event": "event",
        "external_id": "userId",
        "event_time": "timestamp",
        "ip": "context.ip",
        "user_agent": "context.userAgent",
        "email": "context.traits.email",
        "order_id": "properties.order_id",
        "value": "properties.total",
        "currency": "properties.currency",
        "items": "properties.products",
    }


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (
            "Bestellnummer|Betrag|Währung|E-Mail-Adresse|Bestelldatum|Telefonnummer|PLZ|Ort|Vorname|Nachname",
            "order_number value currency email event_time phone zip city first_name last_name",
        ),
        (
            "Numéro de commande|Montant|Devise|Courriel|Date de commande|Téléphone|Code postal|Ville|Prénom",
            "order_number value currency email event_time phone zip city first_name",
        ),
        (
            "Número de pedido|Importe|Moneda|Correo electrónico|Fecha|Teléfono|Código postal|Ciudad|"
            "Apellidos",
            "order_number value currency email event_time phone zip city last_name",
        ),
        (
            "Numero ordine|Importo|Valuta|Indirizzo email|Data ordine|Telefono|CAP|Città|Cognome",
            "order_number value currency email event_time phone zip city last_name",
        ),
        (
            "Bestelnummer|Bedrag|Valuta|E-mailadres|Besteldatum|Telefoonnummer|Plaats|Voornaam",
            "order_number value currency email event_time phone city first_name",
        ),
    ],
)
def test_words_of_other_languages(names: str, found: str) -> None:
    assert [one.field for one in named(names)] == found.split()


def test_columns_with_names_that_tell_nothing_are_known_by_what_stands_in_them() -> None:
    guesses = guess(
        frame(
            a=["maya@example.com", "nour@example.org", None],
            b=["+12025550143", "+447700900123", ""],
            c=["203.0.113.24", "198.51.100.7", "2001:db8::1"],
            d=["2026-11-20T14:15:02Z", "2026-11-20 14:15", "2026-11-20 14:15:02"],
            e=["USD", "EUR", "USD"],
            f=["E.C.P." + "a" * 30, None, None],
            g=["Mozilla/5.0 (X11)", None, None],
            h=["1795184102", "1795184103", "1795184104"],
            i=["blue", "red", "green"],
        )
    )
    assert fields(guesses) == {
        "email": "a",
        "phone": "b",
        "ip": "c",
        "event_time": "d",
        "currency": "e",
        "ttclid": "f",
        "user_agent": "g",
    }


def test_a_sample_is_a_shape_and_never_the_value() -> None:
    guesses = guess(frame(email=["Maya.Okafor@example.com"], phone=["+1 202 555 0143"], name=["Zoë"]))
    assert [one.sample for one in guesses] == ["aaaa.aaaaaa@aaaaaaa.aaa", "+0 000 000 0000", "aaa"]


def test_an_empty_column_gives_way_to_one_with_values() -> None:
    guesses = guess(frame(**{"Email": ["", ""], "Customer Email": ["a@example.com", ""]}))
    assert fields(guesses) == {"email": "Customer Email"}
    assert guesses[0].why == "Customer Email is taken for email"


ORDERS = frame(order_id=["1"], total=["46.00"], created_at=["2026-11-20T14:15:02Z"], mail=["a@example.com"])


def test_what_is_mapped_wins() -> None:
    reading = reading_of(guess(ORDERS), ["external_id=mail", "event='lead'", "value="])
    assert reading.columns == {"order_id": "order_id", "event_time": "created_at", "external_id": "mail"}
    assert reading.constants == {"event": "lead"}
    assert reading_of(guess(ORDERS)).constants == {"event": "purchase"}  # an order with an amount


@pytest.mark.parametrize(
    ("maps", "how", "told"),
    [
        (["mial=mail"], {}, "Did you mean email"),
        (["email=mial"], {}, "Did you mean mail"),
        (["email"], {}, "our=theirs"),
        (["event_time="], {}, "when it happened"),
        (["order_id="], {}, "what happened"),
        ([], {"zone": "Europe/Berlim"}, "Europe/Berlin"),
        ([], {"decimal": "x"}, "--decimal"),
    ],
)
def test_what_does_not_fit_says_what_to_do(maps: list[str], how: dict[str, str], told: str) -> None:
    with pytest.raises(BulkError, match=told):
        reading_of(guess(ORDERS), maps, **how)  # type: ignore[arg-type]


def test_questions_that_a_file_leaves_open_are_asked() -> None:
    unclear = guess(frame(order_id=["1", "2"], total=["1.234", "2.500"], created_at=["1795184102"] * 2))
    with pytest.raises(BulkError, match="--decimal"):
        reading_of(unclear)
    assert reading_of(unclear, decimal=",").decimal == ","
    clear = guess(frame(order_id=["1", "2"], total=["1.234", "2,50"], created_at=["1795184102"] * 2))
    assert reading_of(clear).decimal_seen == ","

    naive = guess(frame(order_id=["1"], total=["2"], created_at=["2026-11-20 14:15:02"]))
    with pytest.raises(BulkError, match="--zone"):
        reading_of(naive)
    assert reading_of(naive, zone="Europe/Berlin").zone == "Europe/Berlin"

    either = guess(frame(order_id=["1"], total=["2"], created_at=["03/04/2026"]))
    with pytest.raises(BulkError, match="--day-first"):
        reading_of(either, zone="UTC")
    assert not reading_of(either, zone="UTC", day_first=False).day_first
    shown = guess(frame(order_id=["1"] * 2, total=["2"] * 2, created_at=["03/04/2026", "20/11/2026"]))
    assert reading_of(shown, zone="UTC").day_first


def test_of_stripes_payments_the_intent_is_the_order_as_for_its_webhooks() -> None:
    names = "id|Created date (UTC)|Amount|Amount Refunded|Currency|Captured|Status|Customer ID"
    assert fields(named(names))["order_id"] == "id"
    assert fields(named(f"{names}|PaymentIntent ID"))["order_id"] == "PaymentIntent ID"
    both = fields(named(f"{names}|PaymentIntent ID|order_id (metadata)"))
    assert (both["order_id"], both["order_number"]) == ("order_id (metadata)", "PaymentIntent ID")


def test_a_samples_shape_stands_in_one_line() -> None:
    (found,) = guess(frame(Note=["one\n\x1b[31mtwo"]))
    assert found.sample == "aaa  [00aaaa"


def test_the_name_of_a_column_that_may_be_somebodys_is_not_shown() -> None:
    assert shown("Order ID") == "Order ID"
    assert {shown(name) for name in ("jane@shop.example", "a\nb", "\x1b[2J", "x" * 61)} == {
        "(a long or odd name)"
    }
