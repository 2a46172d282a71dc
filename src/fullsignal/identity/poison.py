"""Values that stand for nobody, and would make one person out of thousands.

They come from exports, forms, tag managers and vendors' own bugs (Segment's TikTok action hashed the "+" that
is left of "n/a": M, 2026-11). Compared in any case after cleaning; digests are precomputed, so that a
caller's hash of junk is caught too. Words that are also names (None, Null, Nan) are dropped all the same. Not
on the list: whole domains, "1", "na", "no", "user": somebody's id, surname or address.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(" ".join(phrase.split()) for phrase in text.split(";"))


# No value at all, as languages, spreadsheets, tag managers and forms spell it.
_NOTHING: Final = _words(
    """
    null nil none nan undefined void empty blank missing unknown unspecified undisclosed unavailable
    unassigned undef unset notset not-set not_set noname no-name no_name novalue no-value no_value nodata
    no-data no_data n/a n.a. n.a n\\a #n/a #na #null! #value! #ref! #name? #div/0! #error! na/na n/a/n/a
    nan/nan none/none null/null nulll nullnull null,null null|null undefined,undefined undefinedundefined
    undefined|undefined <null> <none> <nil> <na> <undefined> <empty> [null] [none] [undefined] (null) (none)
    (nil) (undefined) (empty) (unknown) (blank) (missing) [] {} [[]] [{}] () <> {{}} ${} %% %s %d \\n \\n\\n
    \\0 0x0 -infinity infinity true false true/false 0 00 000 0000 00000 000000 0000000 00000000 000000000
    0000000000 0.0 0.00 -0 -1 00000-0000 00000000000000000000000000000000
    00000000-0000-0000-0000-000000000000 + ++ +++ - -- --- ---- . .. ... .... , / // \\ | || _ __ ___ ? ??
    ??? ! !! * ** *** **** ~ # ## ### @ @@ : ; = '' "" `` xx xxx xxxx xxxxx xxxxxx xxxxxxx xxxxxxxx
    xxxxxxxxxx __clickid__ {{gclid}} {gclid} {{ttclid}} {ttclid} {{fbclid}} {fbclid} {{click_id}} {click_id}
    __ttclid__ [click_id] {{user.email}} {{email}} {email} {{phone}} {phone} {{customer.email}} {{user_id}}
    {user_id} {{customer_id}} {{external_id}} %%email%% *|email|* {{contact.email}} {{lead.email}} [email]
    <email> {{first_name}} {first_name} {{last_name}} {last_name} [first_name] [last_name] *|fname|*
    *|lname|* %first_name% %last_name% notapplicable not-applicable not_applicable notavailable
    not-available not_available notprovided not-provided not_provided notgiven nottracked donotknow dontknow
    tbd tba redacted [redacted] removed [removed] deleted [deleted] masked hidden anonymized anonymised
    [filtered] ***@*** ***@***.*** xxx-xxx-xxxx invalid error exception placeholder dummy sample (other)
    """
)

# Everybody's name for nobody in particular.
_NOBODY_IN_PARTICULAR: Final = _words(
    """
    test tests tester testing test1 test2 test3 test12 test123 test1234 testtest test-test test_test
    testuser test_user test-user testcustomer test_customer testaccount test_account testname guest guests
    guestuser guest_user guest-user guest_checkout guest-checkout guestcheckout anonymous anonymoususer
    anonymous_user anonymous-user anon anonym anonimo default default_user defaultuser nobody noone
    firstname lastname first_name last_name fullname full_name username user_name user_id userid customer_id
    customerid customer_name external_id externalid email e-mail emailaddress email_address phonenumber
    phone_number asdf asdfg asdfgh asdfasdf qwerty qwertyuiop
    """
)

_PHRASES: Final = _phrases(
    """
    not set; (not set); [not set]; (not provided); (data not available); no data; no name; not available;
    not applicable; not provided; not given; not known; no value; no email; no phone; no e-mail; no mail;
    unknown user; unknown customer; do not know; don't know; none given; none provided; no last name;
    no first name; no lastname; n / a; - -; object object; [object object]; [object undefined];
    [object null]; object promise; [object promise]; undefined undefined; null null; none none; nan nan;
    unknown unknown; first name; last name; your name; your email; enter email; enter your email;
    email address; phone number; to be advised; test test; test user; test customer; guest user;
    guest customer; anonymous user
    """
)

# Local parts behind which there is never a person, at any domain.
NOBODY: Final = frozenset(
    _words(
        """
    anonymous bounce bounces do-not-reply do.not.reply do_not_reply donotreply dontreply mailer-daemon
    mailerdaemon n/a nan no-email no-email-provided no-mail no-reply no.reply no_email no_mail no_reply
    nobody noemail noemailaddress noemailgiven noemailprovided nomail none noreplay noreply not-provided
    notprovided null postmaster undefined
        """
    )
)

_ADDRESSES: Final = _words(
    """
    test@test.com test@test.de test@test.fr test@test.net test@test.org test@test.co test@test.co.uk
    test@test.test test@example.com test@example.org test@example.net test@gmail.com test1@gmail.com
    test123@gmail.com test@mail.com test@email.com test@domain.com test@yahoo.com test@hotmail.com
    test@outlook.com test@tester.com test@testing.com test1@test.com test2@test.com test123@test.com
    tester@test.com testing@test.com test.test@test.com test@localhost test@localhost.com
    example@example.com example@example.org example@example.net example@gmail.com example@email.com
    example@test.com example@mail.com example@domain.com email@example.com email@example.org email@email.com
    email@domain.com email@test.com email@mail.com email@gmail.com mail@mail.com mail@example.com
    mail@test.com your@email.com youremail@example.com your-email@example.com your.email@example.com
    youremail@email.com youremail@gmail.com your_email@example.com name@example.com name@domain.com
    name@email.com yourname@example.com yourname@email.com sample@sample.com sample@example.com
    sample@email.tst dummy@dummy.com dummy@example.com dummy@gmail.com dummy@test.com fake@fake.com
    fake@gmail.com fake@email.com fake@example.com placeholder@example.com guest@guest.com guest@example.com
    guest@gmail.com guest@email.com unknown@unknown.com unknown@example.com unknown@gmail.com
    unknown@email.com invalid@invalid.com invalid@example.com default@default.com default@example.com
    foo@bar.com foo@foo.com foo@example.com bar@foo.com a@a.com a@a.a a@b.com a@b.c a@b.co aa@aa.com
    aaa@aaa.com aaaa@aaaa.com abc@abc.com abc@gmail.com abc@xyz.com abc@test.com abc@example.com abc@def.com
    x@x.com x@y.com xx@xx.com xxx@xxx.com xyz@xyz.com xyz@gmail.com q@q.com qq@qq.com z@z.com asd@asd.com
    asdf@asdf.com asdf@gmail.com asdasd@asdasd.com qwe@qwe.com qwerty@qwerty.com 1@1.com 11@11.com
    111@111.com 123@123.com 123@gmail.com 1234@1234.com 123456@gmail.com 0@0.com no@no.com no@email.com
    no@mail.com no@noemail.com no@example.com no@gmail.com na@na.com na@gmail.com na@noemail.com n@a.com
    not@provided.com not@available.com
    """
)

# Callers' hashes of an address can only be caught whole, so NOBODY is spelled out for the usual domains.
_USUAL_DOMAINS: Final = _words(
    """
    example.com example.org test.com gmail.com email.com mail.com noemail.com nomail.com noreply.com
    none.com null.com nobody.com yahoo.com hotmail.com outlook.com domain.com
    """
)

TEXTS: Final = frozenset(text.lower() for text in (*_NOTHING, *_NOBODY_IN_PARTICULAR, *_PHRASES, *_ADDRESSES))
TEXT_CHARACTERS_MAX: Final = max(map(len, TEXTS))  # nothing longer need be looked up


def _sha256(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _spellings(text: str) -> set[str]:
    cases = {text, text.lower(), text.upper(), text.title(), text.capitalize()}
    return cases | {f'"{one}"' for one in cases} | {f"'{one}'" for one in cases} | {f" {text}", f"{text} "}


_SPECIAL_CASES: Final = ("", " ", "  ", "\t", "\n", "NaN", "[object Object]", "#N/A", "xxx-XXX-XXXX")
DIGESTS: Final = frozenset(
    {_sha256(text) for text in _SPECIAL_CASES}
    | {_sha256(spelling) for text in TEXTS for spelling in _spellings(text)}
    | {_sha256(f"{local}@{domain}") for local in NOBODY for domain in _USUAL_DOMAINS}
)

# One digit repeated, with and without +, and the same behind +1: for phone fields only.
PHONE_DIGESTS: Final = DIGESTS | {
    _sha256(sign + start + digit * length)
    for sign in ("", "+")
    for start in ("", "1")
    for digit in "0123456789"
    for length in range(6, 16)
}
