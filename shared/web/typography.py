"""Dates, times and numbers as people read them, in French and in English. Times are shown as in Paris."""

from __future__ import annotations

from datetime import date, datetime, time

import phonenumbers

from shared.language import Language
from shared.moment import PARIS

NO_BREAK_SPACE = "\u00a0"
NARROW_NO_BREAK_SPACE = "\u202f"
FRENCH_PREFIXES = (33, 262, 508, 590, 594, 596)
"""France and its territories that share one plan of numbers."""

_FRENCH_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_FRENCH_MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
_ENGLISH_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ENGLISH_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def french_date(day: date) -> str:
    """« mardi 1er décembre 2026 »."""
    day = _in_paris(day)
    number = "1er" if day.day == 1 else str(day.day)
    return f"{_FRENCH_DAYS[day.weekday()]} {number}{NO_BREAK_SPACE}{_FRENCH_MONTHS[day.month - 1]} {day.year}"


def french_time(moment: datetime | time) -> str:
    """« 9 h 30 », « 14 h »."""
    clock = _clock_in_paris(moment)
    minutes = f"{NO_BREAK_SPACE}{clock.minute:02}" if clock.minute else ""
    return f"{clock.hour}{NO_BREAK_SPACE}h{minutes}"


def french_moment(moment: datetime) -> str:
    """« mardi 1er décembre 2026, 9 h 30 »."""
    return f"{french_date(moment)}, {french_time(moment)}"


def english_date(day: date) -> str:
    """“Tuesday 1 December 2026”."""
    day = _in_paris(day)
    return f"{_ENGLISH_DAYS[day.weekday()]} {day.day}{NO_BREAK_SPACE}{_ENGLISH_MONTHS[day.month - 1]} {day.year}"


def english_time(moment: datetime | time) -> str:
    """“9.30 am”, “2 pm”."""
    clock = _clock_in_paris(moment)
    half = "am" if clock.hour < 12 else "pm"
    minutes = f".{clock.minute:02}" if clock.minute else ""
    return f"{clock.hour % 12 or 12}{minutes}{NO_BREAK_SPACE}{half}"


def english_moment(moment: datetime) -> str:
    """“Tuesday 1 December 2026, 9.30 am”."""
    return f"{english_date(moment)}, {english_time(moment)}"


def date_in_words(day: date, language: Language) -> str:
    """A day, with its name."""
    return english_date(day) if language == "en" else french_date(day)


def time_in_words(moment: datetime | time, language: Language) -> str:
    """A time of the day; one by the clock of its place stays as it is."""
    return english_time(moment) if language == "en" else french_time(moment)


def moment_in_words(moment: datetime, language: Language) -> str:
    """A day and its time."""
    return english_moment(moment) if language == "en" else french_moment(moment)


def number_in_words(value: float, language: Language, digits: int = 0) -> str:
    """A number with its decimal sign and its groups of thousands: « 12 345,6 », “12,345.6”."""
    text = f"{value:,.{digits}f}"
    if language == "en":
        return text
    return text.replace(",", NARROW_NO_BREAK_SPACE).replace(".", ",")


def percent_in_words(share: float, language: Language) -> str:
    """A share of 1 as a percentage: « 42 % », “42%”."""
    number = number_in_words(share * 100, language)
    return f"{number}%" if language == "en" else f"{number}{NO_BREAK_SPACE}%"


def phone_in_words(number: str) -> str:
    """A number as it is dialled in France: « 03 21 00 00 00 », « 0692 12 34 56 », « +32 470 12 34 56 »."""
    try:
        parsed = phonenumbers.parse(number, "FR")
    except phonenumbers.NumberParseException:
        return number
    is_french = parsed.country_code in FRENCH_PREFIXES
    form = phonenumbers.PhoneNumberFormat.NATIONAL if is_french else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, form).replace(" ", NO_BREAK_SPACE)


def _in_paris(day: date) -> date:
    return day.astimezone(PARIS).date() if isinstance(day, datetime) else day


def _clock_in_paris(moment: datetime | time) -> time:
    return moment.astimezone(PARIS).time() if isinstance(moment, datetime) else moment
