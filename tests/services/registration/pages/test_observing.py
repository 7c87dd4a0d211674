"""The mediator's tablet: a person, an exercise, levels and words, the next person; all without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from services.registration.domain.workshops import LONGEST_NOTE
from services.registration.settings import Settings
from services.registration.web import create_app
from shared.contracts.observations import ObservationCorrected, ObservationRetracted, SkillObserved
from shared.database import Sessions
from tests.services.registration import bodies
from tests.services.registration.office import NOW, Office, token_of
from tests.services.registration.pages.conftest import somebody, visitor_as
from tests.services.registration.pages.test_workshops import holder_of, workshop_with
from tests.support.browsing import SCREENS, chromium, looking_at
from tests.support.serving import serving
from tests.support.tokens import KEYS
from tests.support.visiting import Visitor

NEXT = "Enregistrer et passer à la personne suivante"
LISTENING, TEAM, PERSEVERANCE = "6D101", "6D102", "6D109"


async def notes(office: Office) -> list[dict[str, Any]]:
    """What is kept and holds."""
    kept = await office.rows(
        "SELECT participant_id::text, skill, level, note, exercise, seen_on::text, rater_id"
        " FROM observations WHERE retracted_at IS NULL ORDER BY participant_id, skill"
    )
    return [dict(each) for each in kept]


async def at_work(office: Office, *names: str, day: str = "2026-11-12") -> tuple[Visitor, str, list[str]]:
    """A mediator before the first person, in an exercise; the address where they observe, and the people's ids."""
    workshop, people = await workshop_with(office, *names)
    mediator = visitor_as(office, await holder_of(office))
    observing = f"/workshops/{workshop}/observe"
    page = await mediator.open(f"{observing}/{people[0]}/dessin-dicte?day={day}")
    assert page.status_code == 200, page.text
    return mediator, observing, people


async def test_a_mediator_notes_one_person_after_the_other_and_is_told_how_much_was_kept(office: Office) -> None:
    mediator, observing, (ana, bob) = await at_work(office, "Ana", "Bob")
    mediator_id = (await holder_of(office)).id
    page = await mediator.open(observing)
    assert page.text.index("Ana Brunel") < page.text.index("Bob Brunel")
    page = await mediator.open(f"{observing}/{ana}?day=2026-11-12")
    assert page.text.count("/dessin-dicte?day=2026-11-12") == 1
    page = await mediator.open(f"{observing}/{ana}/dessin-dicte?day=2026-11-12")
    assert page.text.count('type="radio"') == 16 * 6
    assert "A coupé la parole ou n’a pas tenu compte" in page.text
    page = await mediator.send(
        NEXT, {f"levels.{LISTENING}": "3", f"levels.{PERSEVERANCE}": "0", f"words.{PERSEVERANCE}": "A lâché vite."}
    )
    assert "2 notes gardées" in page.text, page.text
    assert "<h1>Bob Brunel</h1>" in page.text
    page = await mediator.send(NEXT, {f"levels.{TEAM}": "4"})
    assert "Ce jour-là, l’équipe a gardé 3 notes sur 2 personnes" in page.text, page.text
    assert str(page.url.path) == observing
    shared = {"exercise": "dessin-dicte", "seen_on": "2026-11-12", "rater_id": mediator_id}
    assert await notes(office) == sorted(
        [
            {"participant_id": ana, "skill": LISTENING, "level": 3, "note": "", **shared},
            {"participant_id": ana, "skill": PERSEVERANCE, "level": 0, "note": "A lâché vite.", **shared},
            {"participant_id": bob, "skill": TEAM, "level": 4, "note": "", **shared},
        ],
        key=lambda each: (each["participant_id"], each["skill"]),
    )
    assert len(await office.events(SkillObserved)) == 3


async def test_the_same_sent_twice_is_kept_once(office: Office) -> None:
    mediator, _, _ = await at_work(office, "Ana", "Bob")
    form = mediator.form(NEXT)
    sent = form.filled({f"levels.{LISTENING}": "3", f"levels.{TEAM}": "2"}, NEXT)
    pages = [await mediator.post(form, sent) for _ in range(2)]
    assert pages[0].url == pages[1].url
    again = [(name, "another showing" if name == "sending" else value) for name, value in sent]
    assert "Rien de nouveau à garder" in (await mediator.post(form, again)).text
    assert len(await notes(office)) == 2
    assert len(await office.events(SkillObserved, ObservationCorrected)) == 2


async def test_what_was_noted_stands_there_and_is_put_right_or_taken_back(office: Office) -> None:
    mediator, observing, (ana,) = await at_work(office, "Ana")
    address = f"{observing}/{ana}/dessin-dicte?day=2026-11-12"
    await mediator.send(NEXT, {f"levels.{LISTENING}": "3", f"words.{LISTENING}": "Écoute.", f"levels.{TEAM}": "1"})
    await mediator.open(address)
    fields = mediator.form(NEXT).fields
    for field in ((f"levels.{LISTENING}", "3"), (f"words.{LISTENING}", "Écoute."), (f"levels.{TEAM}", "1")):
        assert field in fields
    await mediator.send(NEXT, {f"levels.{LISTENING}": "2"})
    kept = {each["skill"]: (each["level"], each["note"]) for each in await notes(office)}
    assert kept == {LISTENING: (2, "Écoute."), TEAM: (1, "")}
    await mediator.open(address)
    page = await mediator.send(NEXT, {f"levels.{LISTENING}": "", f"levels.{TEAM}": "1"})
    assert "1 note sur 1 personne" in page.text
    assert [each["skill"] for each in await notes(office)] == [TEAM]
    assert len(await office.events(ObservationCorrected)) == 1
    assert len(await office.events(ObservationRetracted)) == 1


async def test_a_form_that_showed_nothing_takes_nothing_back(office: Office) -> None:
    mediator, observing, (ana,) = await at_work(office, "Ana")
    elsewhere = visitor_as(office, await holder_of(office))
    await elsewhere.open(f"{observing}/{ana}/dessin-dicte?day=2026-11-12")
    await elsewhere.send(NEXT, {f"levels.{LISTENING}": "3"})
    await mediator.send(NEXT, {f"levels.{TEAM}": "1"})
    assert [each["skill"] for each in await notes(office)] == [LISTENING, TEAM]


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({f"words.{LISTENING}": "Écoute."}, f"levels.{LISTENING}", "Touchez aussi un niveau"),
        (
            {f"levels.{LISTENING}": "3", f"words.{LISTENING}": "é" * (LONGEST_NOTE + 1)},
            f"words.{LISTENING}",
            "",
        ),
    ],
)
async def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(
    office: Office, typed: dict[str, str], field: str, words: str
) -> None:
    mediator, _, _ = await at_work(office, "Ana")
    page = await mediator.send(NEXT, {f"levels.{TEAM}": "4", **typed})
    assert page.status_code == 422
    assert f'id="error-{field}"' in page.text
    assert words in page.text
    for each in {f"levels.{TEAM}": "4", **typed}.items():
        assert each in mediator.form(NEXT).fields
    assert await notes(office) == []
    page = await mediator.send(NEXT, {f"levels.{LISTENING}": "4", f"words.{LISTENING}": "Bien."})
    assert page.status_code == 200, page.text
    assert len(await notes(office)) == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [(f"levels.{LISTENING}", "7"), (f"levels.{LISTENING}", "beaucoup"), ("day", "2026-10-01"), ("day", "hier")],
)
async def test_what_no_page_sends_is_refused_whole(office: Office, name: str, value: str) -> None:
    mediator, _, _ = await at_work(office, "Ana")
    form = mediator.form(NEXT)
    sent = [(each, value if each == name else kept) for each, kept in form.filled({f"levels.{TEAM}": "4"}, NEXT)]
    page = await mediator.post(form, sent)
    assert page.status_code == 422, page.text
    assert "À corriger" in page.text
    assert await notes(office) == []


async def test_nothing_is_noted_ahead_of_its_day(office: Office) -> None:
    await office.post("/api/v1/workshops", bodies.workshop(starts_on="2026-11-20", ends_on="2026-12-20"))
    (row,) = await office.rows("SELECT id::text FROM workshops")
    person = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    await office.enrol(row["id"], person)
    adviser = visitor_as(office, office.adviser)
    await adviser.open(f"/workshops/{row['id']}/observe/{person}/dessin-dicte")
    form = adviser.form(NEXT)
    sent = form.filled({f"levels.{TEAM}": "4"}, NEXT)
    assert ("day", "2026-11-22") in sent, "today"
    page = await adviser.post(form, [(name, "2026-12-01" if name == "day" else value) for name, value in sent])
    assert page.status_code == 422
    assert "On ne peut pas avoir vu" in page.text
    assert await notes(office) == []


async def test_before_its_first_day_a_workshop_says_when_notes_begin(office: Office, adviser: Visitor) -> None:
    ahead = await office.post("/api/v1/workshops", bodies.workshop(starts_on="2026-12-01", ends_on="2026-12-20"))
    person = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    await office.enrol(ahead["id"], person)
    page = await adviser.open(f"/workshops/{ahead['id']}")
    assert "à partir du premier jour" in page.text
    assert "/observe" not in page.text
    page = await adviser.open(f"/workshops/{ahead['id']}/observe")
    assert page.status_code == 422
    assert "On ne peut pas avoir vu" in page.text


async def test_the_day_is_the_last_sessions_once_a_workshop_is_over_and_its_exercise_comes_first(
    office: Office,
) -> None:
    mediator, observing, (ana, bob) = await at_work(office, "Ana", "Bob")
    workshop = observing.split("/")[2]
    await office.plan_session(workshop, held_on="2026-11-03", exercise="carnet-de-la-galerie")
    planned = await office.plan_session(workshop, held_on="2026-11-10", exercise="accrochage-collectif")
    for person, came in ((ana, True), (bob, False)):
        path = f"/api/v1/workshops/{workshop}/sessions/{planned}/presences/{person}"
        assert (await office.ask("PUT", path, json={"present": came})).is_success
    page = await mediator.open(observing)
    assert 'value="2026-11-10"' in page.text
    assert page.text.count("n’était pas là") == 1
    page = await mediator.open(f"{observing}/{ana}")
    assert page.text.index("L’accrochage collectif") < page.text.index("Le dessin dicté")
    await mediator.open(f"{observing}/{ana}/accrochage-collectif")
    page = await mediator.send(NEXT, {f"levels.{TEAM}": "4"})
    assert page.url.path == observing, "who was not there is passed over"
    assert (await notes(office))[0]["seen_on"] == "2026-11-10"


async def test_only_those_enrolled_are_noted(office: Office) -> None:
    mediator, observing, _ = await at_work(office, "Ana")
    other = (await office.post("/api/v1/participants", bodies.participant(identifier=None, first_name="Zoé")))["id"]
    for address in (f"{observing}/{other}", f"{observing}/{other}/dessin-dicte"):
        assert (await mediator.open(address)).status_code == 404
    page = await mediator.open(f"{observing}?day=2026-11-12")
    assert "Zoé" not in page.text


async def test_an_exercise_that_nobody_knows_is_no_page(office: Office) -> None:
    mediator, observing, (ana,) = await at_work(office, "Ana")
    assert (await mediator.open(f"{observing}/{ana}/sieste")).status_code == 404


async def test_english_is_spoken_to_whoever_reads_it(office: Office) -> None:
    workshop, (ana,) = await workshop_with(office, "Ana")
    visitor = visitor_as(office, await holder_of(office), "en")
    page = await visitor.open(f"/workshops/{workshop}/observe/{ana}/dessin-dicte")
    assert "Cut in, or took no account" in page.text
    page = await visitor.send("Save and go on", {f"words.{LISTENING}": "Listens."})
    assert "Tap a level as well" in page.text


async def test_the_page_of_skills_is_small(office: Office) -> None:
    mediator, _, _ = await at_work(office, "Ana")
    assert mediator.page is not None
    assert len(mediator.page.content) < 50_000


@pytest.mark.browser
async def test_a_thumb_without_javascript_notes_somebody_in_a_few_taps(
    office: Office, settings: Settings, sessions: Sessions, note_used: Callable[[str, str], None]
) -> None:
    workshop, _ = await workshop_with(office, "Ana", "Bob")
    app = create_app(settings.model_copy(update={"public_url": "http://127.0.0.1"}), keys=KEYS, clock=lambda: NOW)
    app.state.sessions = sessions
    async with (
        serving(app) as address,
        chromium(note_used) as browser,
        looking_at(browser, SCREENS[0], scripts=False) as page,
    ):
        await page.set_extra_http_headers({"authorization": f"Bearer {token_of(await holder_of(office))}"})
        await page.goto(f"{address}/workshops/{workshop}/observe")
        await page.click("text=Ana Brunel")
        await page.click("text=Le dessin dicté")
        for skill, sentence in (("empathie", "A écouté jusqu’au bout"), ("persévérance", "A arrêté à la première")):
            await page.click(f".chips a:has-text('{skill}')")
            await page.click(f"label:has-text('{sentence}')")
        await page.click(f"text={NEXT}")
        assert await page.inner_text("h1") == "Bob Brunel"
    assert {each["skill"]: each["level"] for each in await notes(office)} == {LISTENING: 3, PERSEVERANCE: 0}


@pytest.mark.parametrize("path", ["", "/{person}", "/{person}/dessin-dicte"])
async def test_each_role_observes_where_they_may(office: Office, path: str) -> None:
    workshop, (ana,) = await workshop_with(office, "Ana")
    address = f"/workshops/{workshop}/observe{path.format(person=ana)}"
    for role, status in (("adviser", 200), ("other", 404), ("mediator", 404), ("manager", 403), ("operator", 200)):
        assert (await visitor_as(office, somebody(office, role)).open(address)).status_code == status, role
    assert (await visitor_as(office, await holder_of(office)).open(address)).status_code == 200
