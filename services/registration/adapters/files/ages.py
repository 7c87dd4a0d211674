"""Which of several exports of one list is the newest: by what their names say.

Names are what people see, and what survives mail, archives and copies; the times of files do not.
"""

from __future__ import annotations

import re
from datetime import date

_DATES = (
    re.compile(r"(?P<year>20\d{2})[-_. ]?(?P<month>\d{2})[-_. ]?(?P<day>\d{2})"),
    re.compile(r"(?P<day>\d{2})[-_. ]?(?P<month>\d{2})[-_. ]?(?P<year>20\d{2})"),
)
_COPY = re.compile(r"\((\d{1,3})\)$")
_NUMBERS = re.compile(r"\d+")

Age = tuple[date, list[int], int, str]


def age(stem: str) -> Age:
    """What to sort files by, the oldest first, from a file's name without its ending.

    A date in the name (and the time after it) counts first: a file without one is older. Then the number that
    browsers add to a name that is taken, « participants (2) », then the name.
    """
    copy = _COPY.search(stem.strip())
    number = int(copy[1]) if copy else 0
    for pattern in _DATES:
        for written in pattern.finditer(stem):
            try:
                day = date(*(int(written[part]) for part in ("year", "month", "day")))
            except ValueError:
                continue
            after = stem[written.end() : copy.start() if copy else None]
            return day, [int(digits) for digits in _NUMBERS.findall(after)], number, stem
    return date.min, [], number, stem
