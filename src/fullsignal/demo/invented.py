"""What the synthetic shop is made of. None of it exists; every share is invented."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

# What is special about an order. Each happens at least once in every run.
CAST: Final = (
    *("cod_paid", "cod_paid", "cod_cancelled", "cod_waiting", "cod_waiting"),
    *("renewal", "renewal", "test", "redelivered", "redelivered", "replayed", "reloaded", "reloaded"),
    *("unreadable_phone", "foreign_money", "foreign_money", "refuses_ads", "own_server", "own_server"),
    *("odd_currency", "poison"),
)
NO_VISIT: Final = ("renewal", "own_server", "odd_currency")
NAMES: Final = (
    *("Ada Benoit", "Ben Carver", "Chloe Dahl", "Dan Eames", "Ella Faye", "Finn Gray", "Grace Holt"),
    *("Hugo Ives", "Iris Joss", "Jane Kerr", "Karl Lind", "Lena Moss", "Milo Nash", "Nora Orr"),
    *("Omar Pike", "Pia Quinn", "Rosa Stone", "Sam Thorne", "Tess Upton", "Vera Wolfe"),
)
CATALOGUE: Final = (
    ("41300000000001", "Alpha Mug", "24.00"),
    ("41300000000002", "Beta Notebook", "36.00"),
    ("41300000000003", "Gamma Lamp", "89.00"),
    ("41300000000004", "Delta Scarf", "48.50"),
    ("41300000000005", "Epsilon Candle", "17.90"),
)
SHIPPING: Final = Decimal("6.30")
STEPS: Final = ("page_view", "view_item", "add_to_cart", "begin_checkout")
# Not versions that anybody else in the stand-in's people graph uses: a match by address and browser counts.
SAFARI: Final = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.6 Mobile/15E148 Safari/604.1"
)
OTHERS: Final = (
    "Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 "
    "Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 "
    "Safari/537.36",
)
KNOWN: Final = 200  # shoppers whom TikTok knows
STRANGERS: Final = 50

COUNTRIES: Final = {"US": 6, "GB": 2, "FR": 2}  # and their weights
BUY: Final = 0.33  # of ordinary visits, far more than in any real shop: it is orders that are shown
FROM_AD: Final = 0.6
BLOCK_PIXEL: Final = 0.3
BLOCK_EVERYTHING: Final = 0.25  # of those: our own script too
SAFARI_SHARE: Final = 0.45
FORGET_CLICK: Final = 0.5  # of those: the script's memory of the click is gone
LOGGED_IN: Final = 0.35
AGREE: Final = {"US": 0.97, "GB": 0.85, "FR": 0.85}
NEVER_RETURN: Final = 0.08  # from the payment page to the shop's
EUROS: Final = Decimal("0.92")
RUPEES: Final = 300
