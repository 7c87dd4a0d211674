"""The outcome of a demo as tables on the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from deploy.demo.counting import Counts
from deploy.demo.showcase import Showcase, ShownPlace
from shared.moment import PARIS

MEBIBYTE = 1024 * 1024


def tell(console: Console, counts: Counts, shown: Showcase) -> None:
    """Print everything that there is to see."""
    for part in (
        shortlist_table(shown),
        timetable_table(shown),
        difference_table(shown),
        numbers_table(counts),
        topics_table(counts),
        memory_table(counts),
    ):
        console.print()
        console.print(part)


def shortlist_table(shown: Showcase) -> Table:
    """Who meets one employer, with reasons and intervals."""
    table = _titled(f"Shortlist – {shown.need}", "", "Who", "When", "Score", "Interval", "What was shown")
    for each in shown.shortlist:
        table.add_row(
            str(each.position),
            each.name,
            f"{each.starts_at.astimezone(PARIS):%H:%M}, table {each.table}",
            f"{each.score:.2f}",
            f"{each.low:.2f} – {each.high:.2f}",
            _strongest(each),
        )
    return table


def timetable_table(shown: Showcase) -> Table:
    """Who sits where and when."""
    table = _titled(f"Timetable – {shown.meetup}", "", *(f"Table {number}" for number, _ in shown.tables))
    cells = {
        (each.slot + more, each.table): each.name.split()[0] for each in shown.cells for more in range(each.length)
    }
    for slot, starts_at in enumerate(shown.slots):
        table.add_row(
            f"{starts_at.astimezone(PARIS):%H:%M}", *(cells.get((slot, number), "–") for number, _ in shown.tables)
        )
    return table


def difference_table(shown: Showcase) -> Table:
    """What the rematch changed, and why."""
    table = _titled(f"What the rematch changed – {shown.meetup}", "", "Meeting", "Cause")
    for sign, changes in (("+", shown.added), ("−", shown.removed), ("→", shown.moved)):
        for what, cause in changes:
            table.add_row(sign, what, cause)
    table.add_row("=", f"{shown.kept} meetings kept as they were", "")
    return table


def numbers_table(counts: Counts) -> Table:
    """What came in, what was decided, what was sent and answered."""
    table = _titled("In numbers", "", "")
    for words, number in _numbers(counts):
        table.add_row(words, str(number))
    table.columns[1].justify = "right"
    return table


def topics_table(counts: Counts) -> Table:
    """Events by topic, sent and applied."""
    table = _titled(f"Events on {counts.broker}", "Topic", "Published", "Consumed")
    for topic, each in counts.topics.items():
        applied = ", ".join(f"{service} {count}" for service, count in each["consumed"].items())
        table.add_row(topic, str(each["published"]), applied or "–")
    table.columns[1].justify = "right"
    return table


def memory_table(counts: Counts) -> Table:
    """The most memory that each process had."""
    table = _titled("Peak memory (what processes share counts in each)", "Process", "MiB")
    for name, size in counts.peak_memory.items():
        table.add_row(name, f"{size / MEBIBYTE:.0f}")
    table.columns[1].justify = "right"
    return table


def _numbers(counts: Counts) -> Iterator[tuple[str, int]]:
    yield "rows read", sum(each["read"] for each in counts.rows.values())
    yield "rows refused", sum(each["refused"] for each in counts.rows.values())
    yield "participants", counts.participants
    yield "observations", counts.observations
    yield "employers", counts.employers
    yield "needs", counts.needs
    yield "meetups", counts.meetups
    yield "meetings proposed", counts.meetings["proposed"]
    yield "meetings approved", counts.meetings["approved"]
    yield "invitations sent", counts.invitations["sent"]
    yield "invitations accepted", counts.invitations["accepted"]
    yield "invitations declined", counts.invitations["declined"]
    yield "meetings filled again", counts.invitations["filled_again"]
    yield "shortlists sent", counts.shortlists_sent
    yield "employers’ answers", counts.employer_answers
    yield "dead letters", counts.dead_letters
    yield "events lost", counts.lost
    yield "effects doubled", counts.doubled


def _strongest(candidate: ShownPlace) -> str:
    """The two skills that carry most of the score."""
    strongest = sorted(candidate.terms, key=lambda term: term[2], reverse=True)[:2]
    return "; ".join(f"{name} {shown:.0%} of {asked:.0%}" for name, asked, shown in strongest)


def _titled(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", show_header=any(columns))
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
