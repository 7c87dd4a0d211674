"""What makes an e-mail address, a telephone number and a SIRET, and how each is written once it is kept."""

from __future__ import annotations

import re

from email_validator import EmailNotValidError, validate_email
from stdnum import luhn

LA_POSTE = "356000000"
"""The one company whose establishments need not pass the Luhn check: their digits add up to a multiple of five."""

_FRENCH_NUMBER = re.compile(r"0[1-9]\d{8}")
_INTERNATIONAL_NUMBER = re.compile(r"\+[1-9]\d{7,14}")


def clean_email(text: str) -> str | None:
    """The address in lower case, or `None` if it is none. Whether it can be delivered to is not asked."""
    try:
        return validate_email(text.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        return None


def clean_phone(text: str) -> str | None:
    """The number as E.164 writes it (``+33612345678``), or `None` if it is none; without a prefix it is French."""
    digits = re.sub(r"[\s.\-()/\u00a0\u202f]", "", text.strip().replace("(0)", ""))
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    if _FRENCH_NUMBER.fullmatch(digits):
        return f"+33{digits[1:]}"
    if digits.startswith("+330"):
        digits = f"+33{digits[4:]}"
    return digits if _INTERNATIONAL_NUMBER.fullmatch(digits) else None


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
