"""What every intention says of each thing that it kept, and how many drafts at once become new and changed records."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import Field, dataclass, field, replace
from enum import StrEnum
from typing import Any, ClassVar, Generic, Protocol, TypeVar
from uuid import UUID

from services.registration.domain import kinds
from services.registration.domain.findings import Finding, find_refused
from services.registration.domain.records import Record
from services.registration.domain.said import Said, Unsaid, said_or


class Draft(Protocol):
    """What was said of something that other systems may know by an identifier."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def identifier(self) -> Said[str | None]:
        """The external identifier."""


Handed = TypeVar("Handed", bound=Draft)
Kept = TypeVar("Kept", bound=Record[Any])


class SavedAs(StrEnum):
    """What keeping something changed."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Saved:
    """Something that was kept; its findings are warnings."""

    id: UUID
    revision: int
    change: SavedAs
    findings: Sequence[Finding] = ()

    def raised(self, revision: int | None) -> Saved:
        """The same where something more came of it, in this later revision; None where nothing did."""
        if revision is None:
            return self
        change = SavedAs.CHANGED if self.change is SavedAs.UNCHANGED else self.change
        return replace(self, revision=revision, change=change)


@dataclass(frozen=True, slots=True)
class Settled(Generic[Kept]):
    """What drafts come to: records to add, records to replace, and one answer each; a `Finding` is a refusal."""

    new: list[Kept] = field(default_factory=list)
    changed: list[Kept] = field(default_factory=list)
    answers: list[Saved | Finding] = field(default_factory=list)


def settle(
    pairs: Iterable[tuple[Handed, Kept | None]],
    begin: Callable[[Handed], Kept],
    *,
    objection: Callable[[Kept, Kept | None], Finding | None] = lambda _after, _before: None,
    warnings: Callable[[Kept], Sequence[Finding]] = lambda _after: (),
) -> Settled[Kept]:
    """Bring each draft together with the record that it is about; without one, ``begin`` makes one of it.

    ``objection`` says why a record may not become what it would be, ``warnings`` what to look at.
    """
    settled: Settled[Kept] = Settled()
    for draft, before in pairs:
        after = begin(draft) if before is None else before.amended(draft)
        if before is not None and after == before:
            settled.answers.append(Saved(before.id, before.revision, SavedAs.UNCHANGED))
        elif (refusal := objection(after, before)) is not None:
            settled.answers.append(refusal)
        elif before is None:
            settled.new.append(after)
            settled.answers.append(Saved(after.id, after.revision, SavedAs.NEW, warnings(after)))
        else:
            after = after.revised(*after.differing(before))
            settled.changed.append(after)
            settled.answers.append(Saved(after.id, after.revision, SavedAs.CHANGED, warnings(after)))
    return settled


def said_of_kept(answers: Sequence[Saved | Finding], said: Sequence[Said[bool]]) -> dict[UUID, bool]:
    """What was said of those that were kept, in the order of the answers, where anything was."""
    return {
        answer.id: each
        for answer, each in zip(answers, said, strict=True)
        if isinstance(answer, Saved) and not isinstance(each, Unsaid)
    }


def once_ended(
    answers: Sequence[Saved | Finding], ended: Mapping[UUID, int], revived: Collection[UUID], refusal: Finding
) -> list[Saved | Finding]:
    """The answers once some records ended, each in a later revision; that an ended one goes on is refused."""
    told: list[Saved | Finding] = []
    for answer in answers:
        if isinstance(answer, Saved):
            told.append(refusal if answer.id in revived else answer.raised(ended.get(answer.id)))
        else:
            told.append(answer)
    return told


def identifiers_in(drafts: Iterable[Draft]) -> list[str]:
    """The external identifiers that drafts name."""
    named = (said_or(draft.identifier, None) for draft in drafts)
    return [identifier for identifier in named if identifier is not None]


def check_is_free(taken: Collection[object]) -> None:
    """Raise `Refused` where somebody else has the identifier."""
    if taken:
        raise find_refused(kinds.DUPLICATE_IDENTIFIER, "identifier")


def unless_refused(answer: Saved | Finding) -> Saved:
    """What was kept. Raises `Refused` where it was not."""
    if isinstance(answer, Finding):
        raise find_refused(answer.kind, answer.where)
    return answer
