"""Our event names (GA4's, because shops have them in their data layer) and everybody's names for them.

Sources: TikTok's standard, renamed and reserved names (spec/tiktok, official help pages, 2025); Meta's
standard events; Segment's e-commerce specification; GA4's recommended events.
"""

from __future__ import annotations

from typing import Final

# our name: (TikTok's current name, or "" where there is none; other spellings, any case)
_TABLE: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "page_view": ("Pageview", ("PageView", "page", "Page Viewed", "Loaded a Page", "Browse", "page_viewed")),
    "view_item": (
        "ViewContent",
        (
            "Product Viewed",
            "view_content",
            "ViewForm",
            "ViewDownloadPage",
            "ViewConsultationPage",
            "product_viewed",
        ),
    ),
    "view_item_list": ("", ("Product List Viewed", "collection_viewed")),
    "search": ("Search", ("Products Searched", "view_search_results", "search_submitted")),
    "add_to_wishlist": ("AddToWishlist", ("Product Added to Wishlist",)),
    "add_to_cart": ("AddToCart", ("Product Added", "product_added_to_cart")),
    "remove_from_cart": ("", ("Product Removed", "product_removed_from_cart")),
    "view_cart": ("", ("Cart Viewed", "cart_viewed")),
    "begin_checkout": ("InitiateCheckout", ("Checkout Started", "StartCheckout", "checkout_started")),
    "add_shipping_info": ("", ("checkout_shipping_info_submitted",)),
    "add_payment_info": ("AddPaymentInfo", ("Payment Info Entered", "AddBilling", "payment_info_submitted")),
    "place_order": ("PlaceAnOrder", ("Order Placed", "Checkout")),
    "purchase": ("Purchase", ("CompletePayment", "Order Completed", "checkout_completed")),
    "refund": ("", ("Order Refunded",)),
    "sign_up": ("CompleteRegistration", ("Signed Up", "Registration")),
    "login": ("Login", ("Signed In",)),
    "generate_lead": ("Lead", ("SubmitForm", "ClickForm", "Form Submitted", "form_submit", "GenerateLead")),
    "subscribe": ("Subscribe", ("Subscription Created",)),
    "start_trial": ("StartTrial", ("Trial Started",)),
    "submit_application": ("SubmitApplication", ()),
    "application_approval": ("ApplicationApproval", ()),
    "file_download": ("Download", ("Download Link Clicked", "ClickToDownload")),
    "contact": ("Contact", ("Consult", "ConsultByPhone", "Callback Started")),
    "schedule": ("Schedule", ()),
    "find_location": ("FindLocation", ()),
    "customize_product": ("CustomizeProduct", ()),
    "select_item": ("ClickButton", ("Product Clicked", "ClickInDownloadPage", "click")),
}

TIKTOK_NAME: Final = {ours: theirs for ours, (theirs, _) in _TABLE.items() if theirs}

# Our names as they are, and every other spelling in any case.
_OURS: Final = frozenset(_TABLE)
_ALIAS: Final = {
    spelling.casefold(): ours
    for ours, (theirs, spellings) in _TABLE.items()
    for spelling in (ours, theirs, *spellings)
    if spelling
}

# Names that carry money and an order; their ids are remembered for 90 days.
LASTING: Final = frozenset({"purchase", "refund", "generate_lead", "subscribe", "sign_up", "place_order"})


def our_name(called: str) -> str:
    """Our name for what the caller called it; a name nobody knows is kept as it is."""
    if called in _OURS:
        return called
    return _ALIAS.get(called.casefold(), called)
