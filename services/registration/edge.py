"""Who may do what: roles by route, and an adviser's or mediator's own agency or workshop."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.registration.domain.workshops import Workshop
from shared.identity import NotAllowed, Person, Role, check_agency, require

Writer = Annotated[Person, Depends(require(Role.ADVISER, Role.OPERATOR))]
"""Advisers change what is their agency's; an operator acts for systems that hand data in."""

WorkshopReader = Annotated[Person, Depends(require(Role.MEDIATOR, Role.ADVISER, Role.MANAGER, Role.OPERATOR))]
"""Like a reader; mediators see the workshops that they hold."""

Observer = Annotated[Person, Depends(require(Role.MEDIATOR, Role.ADVISER, Role.OPERATOR))]
"""Who may note what was seen."""

Importer = Annotated[Person, Depends(require(Role.ADVISER, Role.MANAGER, Role.OPERATOR))]
"""Advisers import their own agency's rows."""

AnyRole = Annotated[Person, Depends(require(Role.MEDIATOR, Role.ADVISER, Role.MANAGER, Role.OPERATOR))]

OtherService = Annotated[Person, Depends(require(Role.SERVICE))]


def own_agency(person: Person) -> UUID | None:
    """The agency that bounds what somebody sees; `None` for those who see the region."""
    if person.role is Role.ADVISER:
        if person.agency_id is None:
            raise NotAllowed
        return person.agency_id
    return None


def agency_to_write(person: Person, asked: UUID | None) -> UUID | None:
    """The agency of something new: the one asked for, or the adviser's own. Raises `NotAllowed` for another one's."""
    agency_id = asked or person.agency_id
    if person.role is Role.ADVISER:
        check_agency(person, agency_id)
    return agency_id


def sees_protected(person: Person) -> bool:
    """Whether somebody sees the protected data of the participants whom they see."""
    return person.role is Role.ADVISER


def check_workshop(person: Person, workshop: Workshop) -> None:
    """Let mediators touch the workshops that they hold, advisers those of their agency. Raises `NotAllowed`."""
    if person.role is Role.MEDIATOR:
        if person.id not in workshop.team:
            raise NotAllowed
    else:
        check_agency(person, workshop.details.agency_id)
