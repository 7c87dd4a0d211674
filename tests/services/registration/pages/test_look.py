"""Every page of the staff on every screen: no axe violation, no sideways scrolling, nothing too small to press."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.registration.settings import Settings
from services.registration.web import create_app
from shared.database import Sessions
from tests.services.registration import bodies
from tests.services.registration.known_records import KnownRecords
from tests.services.registration.office import NOW, Office, token_of
from tests.support.browsing import SCREENS, check_page, chromium, looking_at, small_targets
from tests.support.serving import serving
from tests.support.tokens import KEYS

PAGES = {
    "home": "/",
    "duplicates": "/duplicates",
    "imports": "/imports",
    "exports": "/exports",
    "participant-erase": "/participants/{participant}/erase",
    "participants": "/participants",
    "participant-new": "/participants/new",
    "participant": "/participants/{participant}",
    "participant-edit": "/participants/{participant}/edit",
    "meetups": "/meetups",
    "meetup-new": "/meetups/new",
    "meetup": "/meetups/{meetup}",
    "meetup-edit": "/meetups/{meetup}/edit",
    "meetup-cancel": "/meetups/{meetup}/cancel",
    "meetup-people": "/meetups/{meetup}/people",
    "meetup-needs": "/meetups/{meetup}/needs",
    "meetup-day": "/meetups/{meetup}/day",
    "meetup-outcomes": "/meetups/{meetup}/outcomes",
    "workshops": "/workshops",
    "workshop-new": "/workshops/new",
    "workshop": "/workshops/{workshop}",
    "workshop-edit": "/workshops/{workshop}/edit",
    "workshop-people": "/workshops/{workshop}/people",
    "observe": "/workshops/{workshop}/observe",
    "observe-exercise": "/workshops/{workshop}/observe/{participant}",
    "observe-skills": "/workshops/{workshop}/observe/{participant}/dessin-dicte",
    "session-new": "/workshops/{workshop}/sessions/new",
    "session": "/workshops/{workshop}/sessions/{session}",
    "session-edit": "/workshops/{workshop}/sessions/{session}/edit",
    "employers": "/employers",
    "employer-new": "/employers/new",
    "employer": "/employers/{employer}",
    "employer-edit": "/employers/{employer}/edit",
    "employer-propose": "/employers/{employer}/propose",
    "contact-new": "/employers/{employer}/contacts/new",
    "contact-remove": "/employer-contacts/{contact}/remove",
    "site-new": "/employers/{employer}/sites/new",
    "need-new": "/employers/{employer}/needs/new",
    "need": "/needs/{need}",
    "need-edit": "/needs/{need}/edit",
    "need-close": "/needs/{need}/close",
    "proposals": "/proposals",
    "agencies": "/agencies",
    "agency-edit": "/agencies/{agency}/edit",
    "venues": "/venues",
    "venue-new": "/venues/new",
    "staff": "/staff",
    "staff-new": "/staff/new",
    "staff-edit": "/staff/{account}/edit",
    "staff-remove": "/staff/{account}/remove",
}


@pytest.mark.browser
@pytest.mark.timeout(300)
async def test_pages_are_accessible_on_every_screen(
    office: Office, settings: Settings, sessions: Sessions, note_used: Callable[[str, str], None]
) -> None:
    known = await _somebody_everywhere(office)
    told = settings.model_copy(update={"public_url": "http://127.0.0.1"})
    app = create_app(told, keys=KEYS, records_elsewhere=KnownRecords(), clock=lambda: NOW)
    app.state.sessions = sessions
    headers = {"authorization": f"Bearer {token_of(office.adviser)}"}
    async with serving(app) as address, chromium(note_used) as browser:
        for name, path in PAGES.items():
            await check_page(browser, f"{address}{path.format(**known)}", name, headers)
        async with looking_at(browser, SCREENS[0]) as page:
            await page.set_extra_http_headers(headers)
            for path in PAGES.values():
                await page.goto(f"{address}{path.format(**known)}")
                assert await small_targets(page) == [], path


async def _somebody_everywhere(office: Office) -> dict[str, str]:
    """A person who is enrolled in a workshop, and in a meetup to which a need is invited; their ids."""
    person = (await office.post("/api/v1/participants", bodies.participant()))["id"]
    meetup = (await office.post("/api/v1/meetups", bodies.meetup()))["id"]
    employer = (await office.post("/api/v1/employers", bodies.employer()))["id"]
    need = (await office.post("/api/v1/needs", bodies.need(employer)))["id"]
    await office.post("/api/v1/needs", bodies.need(employer, identifier=None))
    await office.post("/api/v1/participants", bodies.participant(identifier=None, first_name="Zoé", email=None))
    for path in (f"participants/{person}", f"needs/{need}"):
        answer = await office.ask("PUT", f"/api/v1/meetups/{meetup}/{path}", json={})
        assert answer.is_success, answer.text
    workshop = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    await office.enrol(workshop, person)
    session = await office.plan_session(workshop, begins="09:30", exercise="dessin-dicte")
    site = (await office.post("/api/v1/sites", bodies.site(employer)))["id"]
    contact = (await office.post("/api/v1/employer-contacts", bodies.contact(employer)))["id"]
    for path, changes in ((f"needs/{need}", {"posts": 4}), (f"sites/{site}", {"name": "Sud"})):
        await office.post(f"/api/v1/{path}/proposals", changes, office.other_adviser)
    known = {"participant": person, "meetup": meetup, "workshop": workshop, "session": session}
    invited = {"email": "georges.julien@musees.example", "role": "mediator", "agency_id": str(office.lens)}
    account = (await office.post("/api/v1/accounts", invited))["id"]
    known |= {"agency": str(office.lens), "account": account}
    return {**known, "employer": employer, "need": need, "contact": contact}
