"""The mediator's tablet: a person, an exercise, what was seen of them in it, and on to the next person."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.registration.desk.observing import Observing, noted_by, observing_at
from services.registration.intake.of_workshops import read_note
from services.registration.pages.filling import asking_again, show_form
from services.registration.pages.observing_form import notes_in, seen_form, taken_back_in, typed_of
from services.registration.pages.sending import SentByPage, SentForm
from services.registration.use_cases.observations import record_together, retract_observation
from services.registration.use_cases.saving import SavedAs
from shared.identity import Person, now_of
from shared.ids import new_id
from shared.reference.exercises import OTHER, exercises
from shared.reference.exercises import exercise as exercise_with
from shared.rights import Scope, scope_of
from shared.web import pages_of
from shared.web.edge import May, RequestMoment, RequestPerson, Transaction
from shared.web.problems import BY_STATUS

router = APIRouter(prefix="/workshops/{workshop_id}/observe", include_in_schema=False)

_Noting = Annotated[Scope, May("record observations")]
_JustKept = Annotated[int | None, Query(ge=0, le=99)]
"""How many notes were just kept, said on the page that it leads to."""


@router.get("")
async def choose_person(
    request: Request,
    workshop_id: UUID,
    person: RequestPerson,
    _scope: _Noting,
    session: Transaction,
    day: date | None = None,
    kept: _JustKept = None,
) -> Response:
    """The people of the workshop, and how many notes were made that day."""
    now = now_of(request)
    observing = await observing_at(session, person, workshop_id, day, now)
    return pages_of(request).page(request, "observe.html", observing=observing, kept=kept)


@router.get("/{participant_id}")
async def choose_exercise(
    request: Request,
    workshop_id: UUID,
    participant_id: UUID,
    person: RequestPerson,
    _scope: _Noting,
    session: Transaction,
    day: date | None = None,
) -> Response:
    """The exercises, those planned that day first."""
    observing = await observing_at(session, person, workshop_id, day, now_of(request))
    known = {each.code: each for each in (*exercises(), OTHER)}
    return pages_of(request).page(
        request,
        "observe_exercise.html",
        observing=observing,
        somebody=observing.somebody(participant_id),
        exercises=list({code: known[code] for code in (*observing.exercises, *known)}.values()),
    )


@router.get("/{participant_id}/{exercise}")
async def show(
    request: Request,
    workshop_id: UUID,
    participant_id: UUID,
    exercise: str,
    person: RequestPerson,
    _scope: _Noting,
    session: Transaction,
    day: date | None = None,
    kept: _JustKept = None,
) -> Response:
    """The skills, each with its five levels; what was noted already stands there to be put right."""
    observing = await observing_at(session, person, workshop_id, day, now_of(request))
    around = await _around(session, person, observing, participant_id, exercise)
    typed = typed_of(observing.day.isoformat(), around["noted"])
    return show_form(request, "observe_skills.html", seen_form(), typed, just_kept=kept, sending=new_id(), **around)


@router.post("/{participant_id}/{exercise}")
async def note(
    request: Request,
    workshop_id: UUID,
    participant_id: UUID,
    exercise: str,
    sent: SentByPage,
    person: RequestPerson,
    scope: _Noting,
    session: Transaction,
    moment: RequestMoment,
) -> Response:
    """Keep what was seen, all or nothing, and go on to the next person with the same exercise."""
    observing = await observing_at(session, person, workshop_id, _day_in(sent), moment.now)
    around = await _around(session, person, observing, participant_id, exercise)

    async def act() -> str:
        kept = await _keep(sent, observing, scope, participant_id, exercise)
        return _on_from(observing, participant_id, exercise, kept)

    around |= {"just_kept": None, "sending": sent.form.get("sending")}
    async with asking_again(request, "observe_skills.html", seen_form(), sent.form, **around):
        return await sent.once(act)


async def _around(
    session: Transaction, person: Person, observing: Observing, participant_id: UUID, exercise: str
) -> dict[str, Any]:
    """What the skills' page needs beside its form. Raises where there is no such person or exercise."""
    somebody, known = observing.somebody(participant_id), exercise_with(exercise)
    if known.code != exercise:
        raise BY_STATUS[404]
    noted = await noted_by(session, person.id, observing, somebody.id, exercise)
    return {"observing": observing, "somebody": somebody, "exercise": known, "noted": noted}


async def _keep(sent: SentForm, observing: Observing, scope: Scope, participant_id: UUID, exercise: str) -> int:
    """Keep the notes that were sent, take back those that were shown and lost their level; how many changed."""
    session, moment, workshop = sent.session, sent.moment, observing.workshop
    body = seen_form().read(sent.form)
    taken_back = taken_back_in(sent.form, body)
    said = notes_in(body, workshop, participant_id, exercise, taken_back)
    notes = [await read_note(session, each, sent.person, workshop, moment) for each in said]
    saved = await record_together(session, scope, participant_id, notes, workshop, moment)
    for observation_id in taken_back.values():
        await retract_observation(session, scope_of(sent.person, "correct observations"), observation_id, moment)
    return sum(each.change is not SavedAs.UNCHANGED for each in saved) + len(taken_back)


def _on_from(observing: Observing, participant_id: UUID, exercise: str, kept: int) -> str:
    """Where the next person stands, or after the last the people's page."""
    query = urlencode({"day": observing.day.isoformat(), "kept": min(kept, 99)})
    here, following = f"/workshops/{observing.workshop.id}/observe", observing.after(participant_id)
    return f"{here}/{following.id}/{exercise}?{query}" if following else f"{here}?{query}"


def _day_in(sent: SentForm) -> date | None:
    """The day that the form is about, where it says one."""
    try:
        return date.fromisoformat(str(sent.form.get("day", "")))
    except ValueError:
        return None
