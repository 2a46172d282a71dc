"""Words that files use for one of a few meanings: consent, and how far an order came."""

from __future__ import annotations

from typing import Final

from fullsignal.bulk.headers import plain
from fullsignal.sources.order_rules import Facts
from fullsignal.vocabulary import our_name

CHANNELS: Final = frozenset({"web", "app", "offline", "crm"})

CONSENT: Final = {
    **dict.fromkeys(
        ("granted", "grant", "true", "yes", "y", "t", "1", "1.0", "allowed", "opt_in"), "granted"
    ),
    **dict.fromkeys(("denied", "deny", "false", "no", "n", "f", "0", "0.0", "refused", "opt_out"), "denied"),
    **dict.fromkeys(("unknown", "unspecified"), ""),
}


def event_of(word: str) -> str:
    """TikTok's own template for files writes `Complete Payment` for CompletePayment [vendor docs]."""
    joined = word.replace(" ", "")
    return joined if our_name(word) == word and our_name(joined) != joined else word


_PAID: Final = Facts(paid=True)
_UNPAID: Final = Facts(paid=False)
_AUTHORIZED: Final = Facts(paid=False, authorized=True)
_ON_HOLD: Final = Facts(paid=False, on_hold=True)
_CANCELLED: Final = Facts(paid=False, cancelled=True)
_REFUNDED: Final = Facts(paid=True, refunded=True)

# As headers.plain has them. An order of which a part was given back is still a sale.
STATUS: Final = {
    plain(word): facts
    for facts, words in (
        (
            _PAID,
            "paid|completed|complete|processing|succeeded|captured|fulfilled|shipped|delivered|closed|"
            "partially refunded|partial refund|wc-completed|wc-processing|success|settled|"
            "bezahlt|abgeschlossen|fertiggestellt|in bearbeitung|versandt|versendet|geliefert|"
            "teilweise erstattet|payé|payée|terminé|terminée|en cours|expédié|expédiée|livré|livrée|"
            "partiellement remboursé|partiellement remboursée|pagado|pagada|completado|completada|procesando|"
            "enviado|entregado|pagato|completato|in lavorazione|spedito|consegnato|betaald|voltooid|afgerond|"
            "in behandeling|verzonden|pago|concluído|processando|tamamlandı|ödendi",
        ),
        (
            _UNPAID,
            "pending|unpaid|partially paid|open|wc-pending|awaiting payment|pending payment|payment pending|"
            "requires payment method|offen|unbezahlt|zahlung ausstehend|attente paiement|"
            "en attente de paiement|pendiente|pendiente de pago|in attesa di pagamento|"
            "wachtend op betaling|pagamento pendente",
        ),
        (_AUTHORIZED, "authorized|authorised|requires capture"),
        (
            _ON_HOLD,
            "on-hold|wc-on-hold|in wartestellung|en attente|en espera|in sospeso|in attesa|in de wacht|"
            "aguardando",
        ),
        (
            _CANCELLED,
            "cancelled|canceled|voided|failed|expired|wc-cancelled|wc-failed|declined|trash|blocked|storniert|"
            "abgebrochen|fehlgeschlagen|annulé|annulée|échoué|échouée|cancelado|cancelada|fallido|annullato|"
            "fallito|geannuleerd|mislukt|malsucedido|iptal edildi",
        ),
        (
            _REFUNDED,
            "refunded|fully refunded|wc-refunded|erstattet|rückerstattet|remboursé|remboursée|reembolsado|"
            "rimborsato|terugbetaald",
        ),
    )
    for word in words.split("|")
}


def status_of(word: str) -> Facts | None:
    return STATUS.get(plain(word))
