"""What makes an e-mail address, a telephone number and a SIRET, and how each is written once it is kept."""

from __future__ import annotations

import re

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import (
    Leniency,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberMatcher,
    PhoneNumberType,
    format_number,
    is_possible_number,
    number_type,
)
from stdnum import luhn

LA_POSTE = "356000000"
"""The one company whose establishments need not pass the Luhn check: their digits add up to a multiple of five."""

FRANCE = 33
OVERSEAS = (262, 508, 590, 594, 596)
"""Prefixes of Réunion and Mayotte, Saint-Pierre-et-Miquelon, Guadeloupe, Guyane, Martinique."""

_ADDRESS_IN = re.compile(r"[^\s@]@[^\s@]+\.[^\s@]")
_LABEL = re.compile(r"^(?:t[ée]l(?:[ée]phone)?|mobile|portable|fixe|gsm)\b\s*[.:]*\s*", re.IGNORECASE)
_WRITTEN_AS_NUMBER = re.compile(r"(?<=\d{9})[.,]0$")
"""What a program leaves behind a number that it took for a quantity: « 657018762.0 »."""


def clean_email(text: str) -> str | None:
    """The address in lower case, or `None` if it is none that every mail server takes: plain letters before the @.

    Whether it can be delivered to is not asked.
    """
    try:
        return validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False).normalized.lower()
    except EmailNotValidError:
        return None


def clean_phone(text: str) -> str | None:
    """The number as E.164 writes it (``+33612345678``), or `None` if it is none.

    Without a prefix it is French: one that is given to a territory overseas gets the prefix at which it rings
    (``0692 12 34 56`` is ``+262692123456``), and the zero that a spreadsheet has dropped is put back.
    """
    written = _WRITTEN_AS_NUMBER.sub("", _LABEL.sub("", " ".join(text.split())))
    if any(letter.isalpha() for letter in written):
        return None
    try:
        number = phonenumbers.parse(written.replace("(0)", ""), "FR")
    except phonenumbers.NumberParseException:
        return None
    if number.country_code == FRANCE:
        number = _where_it_rings(number)
    is_one = is_possible_number(number) and not (number.country_code == FRANCE and number.italian_leading_zero)
    return format_number(number, PhoneNumberFormat.E164) if is_one else None


def _where_it_rings(number: PhoneNumber) -> PhoneNumber:
    """A French number in the one territory overseas to which it is given, if it is."""
    overseas = [PhoneNumber(country_code=code, national_number=number.national_number) for code in OVERSEAS]
    given = [each for each in overseas if number_type(each) in (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE)]
    is_everywhere = str(number.national_number).startswith("8")
    return given[0] if len(given) == 1 and not is_everywhere else number


def reaches_somebody(text: str) -> bool:
    """Whether a text that everybody may read holds an e-mail address or a telephone number."""
    return _ADDRESS_IN.search(text) is not None or PhoneNumberMatcher(text, "FR", leniency=Leniency.POSSIBLE).has_next()


def clean_siret(text: str) -> str | None:
    """The fourteen digits, or `None` where there are not fourteen or the check digit is wrong."""
    digits = re.sub(r"[\s.\-\u00a0\u202f]", "", text)
    if not re.fullmatch(r"[0-9]{14}", digits):
        return None
    if luhn.is_valid(digits):
        return digits
    if digits.startswith(LA_POSTE) and sum(map(int, digits)) % 5 == 0:
        return digits
    return None
