"""An adviser brings a group to its evening by pages alone, without JavaScript: proposal, changes, approval, answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from deploy.demo.stage import until
from tests.stories.conftest import Begin
from tests.stories.evening import Evening, people_of
from tests.stories.pack import Guest
from tests.support.browsing import check_page, chromium
from tests.support.visiting import Visitor

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(300)]


async def test_an_adviser_proposes_changes_and_approves_on_pages(
    evening: Begin, note_used: Callable[[str, str], None]
) -> None:
    guests = [Guest(0), Guest(1), Guest(2), Guest(3, has_email=False), Guest(4, may_be_contacted=False)]
    begun = await evening("PAGES", guests=guests, seats=[3])
    adviser = Visitor(begun.adviser.registration.http, {"accept-language": "fr"})
    meetup = f"/meetups/{begun.meetup}"

    page = await adviser.open("/meetups")
    assert f'href="{meetup}"' in page.text
    page = await adviser.open(meetup)
    assert "Tout est prêt" in page.text
    page = await adviser.open(f"{meetup}/pairing")
    assert "Aucune proposition pour l’instant" in page.text
    page = await adviser.send("Demander")
    assert 'http-equiv="refresh"' in page.text
    await _proposal(adviser, begun)
    (proposal,) = await begun.pairings("proposed")
    assert len(proposal["meetings"]) == 3
    shown = adviser.page.text if adviser.page else ""
    assert "attend votre décision" in shown
    assert "Rien n’est encore parti" in shown
    for meeting in proposal["meetings"]:
        assert f'id="m-{meeting["participant_id"]}-{meeting["need_id"]}"' in shown
        account = meeting["reasons"]["account"]["for_adviser"]["fr"].splitlines()[0]
        assert account[:40] in shown

    cookies = "; ".join(f"{name}={value}" for name, value in adviser.client.cookies.items())
    async with chromium(note_used) as browser:
        address = str(adviser.page.url) if adviser.page else ""
        await check_page(browser, address, "pairing", {"cookie": cookies})

    # Somebody is ruled out: the next proposal is without them, and says why.
    out = proposal["meetings"][0]
    word = next(each for each in adviser.forms() if each.action.endswith(f"/{out['participant_id']}/{out['need_id']}"))
    page = await adviser.post(word, word.filled({}, "Ne pas proposer"))
    assert "C’est noté" in page.text
    await adviser.send("Demander", {"reason": "adviser-judgement"})
    await _proposal(adviser, begun)
    (proposal,) = await begun.pairings("proposed")
    assert out["participant_id"] not in people_of(proposal["meetings"])
    assert (await begun.said())["messages"] == []

    # What leaves is said before; one meeting is left out.
    await adviser.open(f"{meetup}/pairing/{proposal['id']}/approve")
    form = adviser.form("Approuver et inviter")
    ticked = [value for name, value in form.fields if name == "meeting"]
    assert len(ticked) == len(proposal["meetings"])
    page = await adviser.send("Approuver et inviter", {"meeting": ticked[1:]})
    assert "Plan validé" in page.text
    await begun.until_said()
    assert {f"{each['participant_id']} {each['need_id']}" for each in await begun.meetings()} == set(ticked[1:])
    page = await adviser.open(meetup)
    assert "le plan est validé" in page.text

    # Whoever no mail reaches is phoned or gets a letter; the lists leave for the employers.
    page = await adviser.open(f"{meetup}/messages")
    said = await begun.said()
    letters = [each for each in said["messages"] if each["channel"] == "letter"]
    for letter in letters:
        assert f"/letters/{letter['message_id']}" in page.text
        sheet = await adviser.client.get(f"{meetup}/messages/letters/{letter['message_id']}")
        assert sheet.status_code == 200
        for step in ("imprimée", "postée"):
            assert "Lettre" in (await adviser.send(f"Je l’ai {step}")).text
    calls = [
        each
        for each in (await begun.said())["invitations"]
        if each["wants_call"] or each["concern"] not in (None, "post")
    ]
    for _ in calls:
        assert "Réponse notée" in (await adviser.send("A dit oui")).text
    await begun.all_accept(guest for guest in guests if guest.has_email and _is_invited(begun, guest, ticked[1:]))
    page = await adviser.open(f"{meetup}/messages")
    page = await adviser.send("Envoyer les listes")
    assert "Les listes partent" in page.text
    await begun.until_said()
    assert "liste partie" in (await adviser.open(f"{meetup}/messages")).text
    assert [letter for letter in begun.mails_to_employer(0) if letter.shortlist_link]

    # On the day and after: who is there, and what came of each meeting.
    await adviser.open(f"{meetup}/day")
    assert "est là" in (await adviser.send("Est là")).text
    page = await adviser.open(f"{meetup}/outcomes")
    fields = [name for name in adviser.form("Enregistrer").choices if name.startswith("outcome ")]
    assert len(fields) == len(await begun.meetings())
    assert "C’est enregistré" in (await adviser.send("Enregistrer", {fields[0]: "hired"})).text
    assert (fields[0], "hired") in adviser.form("Enregistrer").fields


def _is_invited(begun: Evening, guest: Guest, ticked: list[str]) -> bool:
    invited = {each.split()[0] for each in ticked}
    return guest.may_be_contacted and str(begun.people[guest.number]) in invited


async def _proposal(adviser: Visitor, begun: Evening) -> None:
    """Look at the plan until a proposal waits on it."""

    async def look() -> bool | None:
        page = await adviser.open(f"/meetups/{begun.meetup}/pairing")
        return True if "attend votre décision" in page.text and "se prépare" not in page.text else None

    await until(look, "a proposal waits on the page, and none is being worked out")
