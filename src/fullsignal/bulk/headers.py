"""What columns are called in plain words of several languages, and in many programs' exports.

Compared without case, spaces, punctuation and accents.
"""

from __future__ import annotations

from typing import Final
from unicodedata import normalize


def plain(name: str) -> str:
    letters = [one for one in normalize("NFKD", name.casefold()) if one.isalnum()]
    return "".join(letters)


def _table(*rows: tuple[str, str]) -> dict[str, tuple[str, int]]:
    """plain name -> (field, how well it fits: less is better)."""
    made: dict[str, tuple[str, int]] = {}
    for field, names in rows:
        for at, name in enumerate(names.split("|")):
            made.setdefault(plain(name), (field, at))
    return made


# our field, names that mean it, the best first
NAMES: Final = _table(
    (
        "event",
        "event|event_name|eventname|event type|conversion name|conversion event|ereignis|evento|evenement",
    ),
    (
        "event_id",
        "event_id|message_id|messageid|dedup id|deduplication key|conversion id|uuid|insert_id",
    ),
    (
        "event_time",
        "event_time|timestamp|event_timestamp|time|datetime|date time|conversion time|occurred_at|"
        "order date|order time|created_at|created at|created (utc)|created date (utc)|created|"
        "date created|order_date|purchase date|transaction date|sent_at|originaltimestamp|"
        "original_timestamp|date|paid at|bestelldatum|datum|zeitpunkt|date de commande|fecha|"
        "fecha del pedido|data|data ordine|besteldatum|data do pedido|tarih",
    ),
    (
        "order_id",
        "order_id|orderid|transaction_id|transactionid|order|order_reference|order reference|"
        "order_id (metadata)|properties.order_id|ecommerce.transaction_id|bestell-id|auftragsnummer|"
        "id commande|id de pedido|id ordine|payment intent id|paymentintent id|sale id",
    ),
    (
        "order_number",
        "order_number|order no|order number|ordernumber|order_name|increment_id|bestellnummer|"
        "bestelnummer|numero de commande|numero de pedido|numero ordine|siparis no",
    ),
    (
        "value",
        "value|revenue|order_total|order total amount|order total|total|total_price|grand_total|amount|"
        "order value|conversion value|total amount|price|sales|properties.total|properties.revenue|"
        "properties.value|ecommerce.purchase_revenue|event_value_in_usd|umsatz|betrag|gesamtbetrag|"
        "bestellwert|summe|montant|total ttc|importe|importe total|importo|totale|bedrag|totaal|valor|"
        "tutar",
    ),
    (
        "currency",
        "currency|currency_code|order currency|order_currency|currencycode|properties.currency|waehrung|"
        "währung|devise|moneda|valuta|moeda|para birimi|presentment currency",
    ),
    (
        "email",
        "email|email_address|customer email|customer_email|e-mail|mail|email (billing)|billing email|"
        "billing_email|user.email|context.traits.email|traits.email|properties.email|user_email|"
        "contact email|hashed_email|email_sha256|email hash|sha256_email|e-mail-adresse|emailadresse|"
        "courriel|adresse e-mail|correo|correo electronico|correo electrónico|indirizzo email|"
        "e-mailadres|eposta",
    ),
    (
        "phone",
        "phone|phone_number|customer phone|phone (billing)|billing phone|billing_phone|mobile|"
        "mobile phone|cell|msisdn|tel|telephone|user.phone|context.traits.phone|traits.phone|"
        "hashed_phone|phone_sha256|phone hash|sha256_phone|shipping phone|telefon|telefonnummer|handy|"
        "mobilnummer|telefono|teléfono|numero de telephone|telefoonnummer|telefone|celular|cep telefonu",
    ),
    (
        "phone_country",
        "phone_country|phone country|phone country code|phone_country_code",
    ),
    (
        "external_id",
        "external_id|customer_id|customerid|user_id|userid|customer|client_id|crm_id|member id|"
        "user.external_id|kundennummer|kunden-id|numero client|id cliente|klantnummer|hashed_external_id",
    ),
    (
        "first_name",
        "first_name|firstname|given name|first name (billing)|billing first name|billing_first_name|fn|"
        "user.first_name|vorname|prenom|prénom|nombre|nome|voornaam",
    ),
    (
        "last_name",
        "last_name|lastname|surname|family name|last name (billing)|billing last name|billing_last_name|"
        "ln|user.last_name|nachname|nom|nom de famille|apellido|apellidos|cognome|achternaam|sobrenome",
    ),
    (
        "city",
        "city|billing city|city (billing)|billing_city|user.city|geo.city|shipping city|ort|stadt|ville|"
        "ciudad|citta|città|plaats|cidade",
    ),
    (
        "state",
        "state|region|province|state code (billing)|billing province|billing_state|user.state|geo.region|"
        "state name (billing)|bundesland|provincia|provincie|estado",
    ),
    (
        "zip",
        "zip|zip_code|zipcode|postal_code|postcode|post code|postcode (billing)|billing zip|"
        "billing_postcode|user.zip|plz|postleitzahl|code postal|codigo postal|código postal|cap|cep",
    ),
    (
        "country",
        "country|country_code|country code (billing)|billing country|billing_country|user.country|"
        "geo.country|shipping country|land|pays|pais|país|paese|ulke",
    ),
    (
        "ip",
        "ip|ip_address|client_ip|client ip address|ipaddress|user.ip|context.ip|customer ip address|"
        "customer_ip_address|browser ip|ip-adresse|adresse ip|remote_addr",
    ),
    (
        "user_agent",
        "user_agent|useragent|client_user_agent|user.user_agent|context.useragent|customer user agent|"
        "customer_user_agent|browser",
    ),
    (
        "locale",
        "locale|user.locale|context.locale|device.language|customer_locale|language",
    ),
    (
        "ttclid",
        "ttclid|tiktok click id|tiktok_click_id|user.ids.ttclid|click_id|clickid|callback",
    ),
    (
        "ttp",
        "ttp|_ttp|user.ids.ttp|tiktok cookie id",
    ),
    (
        "fbclid",
        "fbclid|user.ids.fbclid",
    ),
    (
        "fbp",
        "fbp|_fbp|user.ids.fbp",
    ),
    (
        "fbc",
        "fbc|_fbc|user.ids.fbc",
    ),
    (
        "gclid",
        "gclid|google click id|user.ids.gclid|collected_traffic_source.gclid",
    ),
    (
        "visitor_id",
        "visitor_id|fs_vid|_fs_vid|user.visitor_id",
    ),
    (
        "page_url",
        "page_url|url|event_source_url|page|page.url|page_location|landing page|landing_page|"
        "context.page.url|landing site",
    ),
    (
        "referrer",
        "referrer|referer|page.referrer|page_referrer|context.page.referrer|referring site",
    ),
    (
        "channel",
        "channel|event_source|action_source",
    ),
    (
        "customer_type",
        "customer_type|customer type|new_vs_returning",
    ),
    (
        "status",
        "financial status|financial_status|payment status|order status|order_status|payment_status|"
        "status|bestellstatus|statut|estado del pedido|stato",
    ),
    (
        "cancelled_at",
        "cancelled at|canceled at|cancellation date|storniert am|annule le",
    ),
    (
        "items",
        "items|line_items|lineitems|products|properties.products|order items",
    ),
    (
        "contents",
        "contents|content|properties.contents",
    ),
    (
        "content_ids",
        "content_ids|content_id|product ids|product_ids|skus",
    ),
    (
        "num_items",
        "num_items|number of items|item count|total quantity|quantity",
    ),
    (
        "content_type",
        "content_type",
    ),
    (
        "lead_id",
        "lead_id|leadid|lead id|lead.lead_id|tiktok lead id",
    ),
    (
        "lead_event_source",
        "lead_event_source|crm name|crm|lead.lead_event_source",
    ),
    (
        "consent",
        "consent|marketing consent|consent_ad|accepts marketing for ads",
    ),
    (
        "ad_user_data",
        "ad_user_data|consent.ad_user_data|privacy_info.ads_storage",
    ),
    (
        "ad_storage",
        "ad_storage|consent.ad_storage",
    ),
    (
        "ad_personalization",
        "ad_personalization|consent.ad_personalization",
    ),
    (
        "shop_id",
        "shop_id",
    ),
    (
        "search_term",
        "search_term|search_string|query",
    ),
    (
        "description",
        "description",
    ),
    (
        "test_event_code",
        "test_event_code",
    ),
)
