"""Gives the demo pack dates that fit the day on which it is used."""

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

REFERENCE_DAY = date(2026, 6, 1)
"""The Monday for which the pack is written: its dates are right on that day."""

FIRST_MEETUP_DAYS_AHEAD = 9
LAST_MEETUP_DAYS_AHEAD = 16

_MOVED_BY_WEEKS = {
    "participants.csv": ("disponible_des",),
    "ateliers.csv": ("date_debut", "date_fin"),
    "observations.csv": ("date",),
}


def dated_pack(target: Path, today: date) -> Path:
    """Write the demo pack into the folder `target` as if written on `today`, and return `target`.

    Workshops, observations and availability move by whole weeks, so that a Tuesday stays a Tuesday: the last workshop
    ended between 3 and 9 days ago. The meetups are spread over the working days 9 to 16 days ahead. Dates of birth
    stay.
    """
    target.mkdir(parents=True, exist_ok=True)
    weeks = timedelta(weeks=(today - REFERENCE_DAY).days // 7)
    for source in files("deploy.demo").joinpath("pack").iterdir():
        if source.name.endswith(".csv"):
            header, *rows = csv.reader(source.read_text(encoding="utf-8").splitlines(), delimiter=";")
            if source.name == "rencontres.csv":
                _spread(header, rows, today)
            else:
                _move(header, rows, _MOVED_BY_WEEKS.get(source.name, ()), weeks)
            write_table(target / source.name, header, rows)
    return target


def write_table(path: Path, header: list[str], rows: list[list[str]]) -> None:
    """Write a table in the import format: UTF-8, `;`, lines ended by a line feed."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";", lineterminator="\n").writerows([header, *rows])


def meetup_days(today: date, count: int) -> Iterator[date]:
    """Yield `count` working days 9 to 16 days after `today`, in order, used as evenly as can be."""
    ahead = (today + timedelta(days) for days in range(FIRST_MEETUP_DAYS_AHEAD, LAST_MEETUP_DAYS_AHEAD + 1))
    working = [day for day in ahead if day.isoweekday() <= 5]
    return (working[number * len(working) // count] for number in range(count))


def french(day: date) -> str:
    """Write a day as exports do: 01/06/2026."""
    return day.strftime("%d/%m/%Y")


def _move(header: list[str], rows: list[list[str]], columns: tuple[str, ...], by: timedelta) -> None:
    places = [header.index(column) for column in columns]
    for row in rows:
        for place in places:
            row[place] = french(_day(row[place]) + by)


def _spread(header: list[str], rows: list[list[str]], today: date) -> None:
    place = header.index("date")
    for row, day in zip(rows, meetup_days(today, len(rows)), strict=True):
        row[place] = french(day)


def _day(text: str) -> date:
    number, month, year = text.split("/")
    return date(int(year), int(month), int(number))
