"""Suspected duplicates: noticed when somebody is registered or changed, shown with reasons, settled by a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain import kinds
from services.registration.domain.findings import Finding, find_refused
from services.registration.domain.likeness import Comparison, Likeness, compare, likeness_of
from services.registration.domain.names import Agreement
from services.registration.domain.participants import Participant
from services.registration.domain.reasons import Reason, in_french, quoting_names, reasons_of
from services.registration.repository import duplicates as repository
from services.registration.repository import protected
from services.registration.repository.duplicates import Registered, Suspected, suspected
from shared.moment import Moment
from shared.paging import Page, Paging
from shared.rights import Scope


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Two records that are probably of one person, as they are now: how probably, and why."""

    pair: Suspected
    agency_id: UUID
    noticed_at: datetime
    probability: float
    reasons: Sequence[Reason]


async def suspect(session: AsyncSession, looked_at: Sequence[Participant], moment: Moment) -> dict[UUID, list[Finding]]:
    """Flag those who are probably registered twice; of two new records, the later one.

    It is told of two records of one agency only: nobody learns by it that somebody is registered at another.
    """
    likenesses = {each.id: likeness_of(each) for each in looked_at}
    alike = await protected.born_alike(session, likenesses.keys())
    born_alike = {other for others in alike.values() for other in others}
    places = _Places(await repository.records_like(session, likenesses.values(), born_alike))
    order = {each.id: place for place, each in enumerate(looked_at)}
    compared = [
        (each, other)
        for each in looked_at
        for other in places.near(likenesses[each.id], alike.get(each.id, ()))
        if other.id != each.id and order.get(other.id, -1) < order[each.id]
    ]
    born = await protected.birth_dates_compared(session, [suspected(each.id, other.id) for each, other in compared])
    pairs: set[Suspected] = set()
    found: dict[UUID, list[Finding]] = {}
    for each, other in compared:
        pair = suspected(each.id, other.id)
        comparison = replace(compare(likenesses[each.id], other.likeness), born_on=born[pair])
        if not comparison.is_probable:
            continue
        pairs.add(pair)
        if other.agency_id == each.situation.agency_id:
            found.setdefault(each.id, []).append(_finding(other, comparison))
    await repository.keep_suspicions(session, list(order), pairs, moment.now)
    return found


async def list_suspicions(session: AsyncSession, scope: Scope, paging: Paging) -> Page[Suspicion]:
    """Pairs that nobody looked at yet, the newest first, each with its probability and reasons as of now."""
    page = await repository.open_suspicions(session, scope, paging)
    ids = {row[name] for row in page.items for name in ("participant_id", "resembles_id")}
    records = await repository.records_by_id(session, ids)
    pairs: list[Suspected] = [(row["participant_id"], row["resembles_id"]) for row in page.items]
    born = await protected.birth_dates_compared(session, pairs)
    shown = (_suspicion(row, records, born) for row in page.items)
    return Page(tuple(shown), page.next)


async def settle_suspicion(session: AsyncSession, scope: Scope, one: UUID, other: UUID, moment: Moment) -> None:
    """Note that somebody looked at two records that seemed to be of one person. Raises `Refused` if there is none."""
    records = await repository.records_by_id(session, {one, other})
    for participant_id, where in ((one, "participant_id"), (other, "resembles_id")):
        if participant_id not in records or not scope.covers(records[participant_id].agency_id):
            raise find_refused(kinds.UNKNOWN_PARTICIPANT, where)
    if not await repository.settle_suspicion(session, suspected(one, other), moment.by, moment.now):
        raise find_refused(kinds.UNKNOWN_PARTICIPANT, "resembles_id")


class _Places:
    """Records by what they share with others, so that each is compared with few."""

    def __init__(self, records: Sequence[Registered]) -> None:
        self._by_trait: dict[object, list[Registered]] = defaultdict(list)
        for each in records:
            for trait in (each.id, *_traits(each.likeness)):
                self._by_trait[trait].append(each)

    def near(self, likeness: Likeness, born_alike: Iterable[UUID]) -> Iterator[Registered]:
        """The records that share something with this one, a birth date included, each once."""
        sharing = (each for trait in (*_traits(likeness), *born_alike) for each in self._by_trait.get(trait, ()))
        return iter({each.id: each for each in sharing}.values())


def _traits(likeness: Likeness) -> Iterator[object]:
    traits = (likeness.email, likeness.phone, ("named", likeness.name_key))
    return (trait for trait in traits if trait is not None)


def _finding(other: Registered, comparison: Comparison) -> Finding:
    details = {
        "other": f" ({other.identifier})" if other.identifier is not None else "",
        "percent": int(comparison.probability * 100),
        "reasons": in_french(reasons_of(comparison)),
    }
    return Finding(kinds.PROBABLE_DUPLICATE, "last_name", details)


def _suspicion(
    row: RowMapping, records: Mapping[UUID, Registered], born: Mapping[Suspected, Agreement | None]
) -> Suspicion:
    pair: Suspected = (row["participant_id"], row["resembles_id"])
    one, other = (records[each].likeness for each in pair)
    comparison = replace(compare(one, other), born_on=born[pair])
    reasons = quoting_names(reasons_of(comparison), one, other)
    return Suspicion(pair, row["agency_id"], row["noticed_at"], comparison.probability, reasons)
