"""People by the words of their names: by how they begin, in any order, whatever their case and accents.

Two ways lead there. Words stand in order in a table of their own, each with the names as sorted and compared, so the
bearers of a word are read from it, and sorted. Where a single word is borne as a first name by many, they are
met all over a list, so whoever reads on in the list's order soon has a page of them; as a last name it is borne side by
side, and so are two words together, since one of them is then a last name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, and_, any_, false, func, literal, select, union
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.tables import AgencyRow, ContactRow, NameWordRow
from shared.sql import run, table_of

CONTACTS = table_of(ContactRow)
WORDS = table_of(NameWordRow)
AGENCIES = table_of(AgencyRow)

SORTED_AS: Final = ("sorted_last_name", "sorted_first_name")
"""The columns of names by which people are sorted."""

MANY = 10_000
"""So many all over a list are met soon enough: reading and sorting fewer takes some milliseconds."""

COUNTED = 4
"""So many of the words, the longest, are counted to find the rarest."""

_LAST_LETTER = "\U0010ffff"


def bears(words: Sequence[str], folded_name: ColumnElement[str] = CONTACTS.c.folded_name) -> ColumnElement[bool]:
    """The condition that each of these folded words begins a word of a participant's names; none of none."""
    named = literal(" ").concat(folded_name)
    return and_(*(named.contains(f" {word}", autoescape=True) for word in words)) if words else false()


async def bearers(
    session: AsyncSession, words: Sequence[str], agency_id: UUID | None, also: UUID | None
) -> Subquery | None:
    """The people of an agency, or of the region, who bear these words, read by the rarest, each with `SORTED_AS`.

    With them somebody who is found another way. None where they are soon met in the list's own order.
    """
    columns = (*SORTED_AS, "participant_id")
    rarest = await _rarest(session, words, agency_id)
    borne = and_(_of(agency_id), _begins(rarest)) if rarest else false()
    if rarest and len(words) == 1:
        elsewhere = ~func.starts_with(WORDS.c.sorted_last_name, rarest)
        if await _count(session, borne, elsewhere) == MANY:
            return None
    found = select(*(WORDS.c[name] for name in columns)).where(borne, bears(words, WORDS.c.folded_name))
    other = select(*(CONTACTS.c[name] for name in columns)).where(CONTACTS.c.participant_id == also)
    return (found.distinct() if also is None else union(found, other)).subquery("bearers")


async def _rarest(session: AsyncSession, words: Sequence[str], agency_id: UUID | None) -> str | None:
    """The word that the fewest bear, the longest of those that many bear; None of none."""
    longest = sorted(set(words), key=len, reverse=True)[:COUNTED]
    if len(longest) < 2:
        return next(iter(longest), None)
    borne = {word: await _count(session, _of(agency_id), _begins(word)) for word in longest}
    return min(borne, key=borne.__getitem__)


async def _count(session: AsyncSession, *which: ColumnElement[bool]) -> int:
    """How many words there are of which this holds, `MANY` at most."""
    some = select(literal(1)).select_from(WORDS).where(*which).limit(MANY).subquery()
    return int((await run(session, select(func.count()).select_from(some))).scalar_one())


def _of(agency_id: UUID | None) -> ColumnElement[bool]:
    """The condition that a word is of an agency, or of any: each is looked up for itself, as words stand by agency."""
    if agency_id is not None:
        return WORDS.c.agency_id == agency_id
    return WORDS.c.agency_id == any_(func.array(select(AGENCIES.c.id).scalar_subquery()))


def _begins(beginning: str) -> ColumnElement[bool]:
    return and_(WORDS.c.word >= beginning, WORDS.c.word < beginning + _LAST_LETTER)
