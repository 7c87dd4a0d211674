"""The participant's page, as a browser without JavaScript sees it, and every bad input."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from services.notification.domain.links import new_token
from services.notification.limits import LINK_GUESSES
from shared.contracts.meetups import MeetupCancelled
from tests.services.notification.directory import PLANTED
from tests.services.notification.events import MEETUP, STARTS_AT, an_id, in_force, meeting
from tests.services.notification.mail_catcher import MailCatcher
from tests.services.notification.story import Story, link_in


async def invited(story: Story, catcher: MailCatcher, *names: str) -> str:
    """The address of the first one's reply page."""
    await story.begin(*(names or ("zephyrine",)))
    await story.hear(in_force(*(meeting(name, slot=slot) for slot, name in enumerate(names or ("zephyrine",)))))
    await story.send(catcher)
    return link_in(next(mail for mail in catcher.box.messages if "zephyrine" in mail["To"]))


def proof_in(page: httpx.Response) -> str:
    """The proof that the page's forms send along."""
    found = re.search(r'name="proof" value="([^"]+)"', page.text)
    assert found
    return found[1]


async def answer(client: httpx.AsyncClient, link: str, **fields: str) -> httpx.Response:
    """Open the page and press one of its buttons."""
    proof = proof_in(await client.get(link))
    return await client.post(link, data={"proof": proof, **fields})


async def test_looking_changes_nothing(story: Story, catcher: MailCatcher, client: httpx.AsyncClient) -> None:
    link = await invited(story, catcher)
    before = await story.whole_database()
    for _ in range(3):
        page = await client.get(link)
        assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
    assert (await client.head(link)).status_code in (200, 405)
    assert await story.whole_database() == before


async def test_the_page_is_small_and_says_what_matters(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient
) -> None:
    page = await client.get(await invited(story, catcher))
    for fact in (
        '<html lang="fr">',
        "mardi 8\u00a0décembre 2026",
        "9\u00a0h\u00a015",
        "Louvre-Lens",
        "99 rue Paul Bert, Lens",
        "https://www.openstreetmap.org/search?query=Louvre-Lens",
        "Vente en boulangerie",
        "Boulangerie Dupain",
        "Vous avez persévéré devant la consigne du dessin dicté.",
        "Oui, je viens",
        "Non, je ne peux pas venir",
        "votre place est proposée aussitôt à une autre personne",
        "Appelez-moi",
        "tel:+33321000000",
    ):
        assert fact in page.text, fact
    assert len(page.content) < 30_000
    assert "<script" not in page.text
    for name in PLANTED:
        assert name not in page.text


async def test_only_their_own_is_shown(story: Story, catcher: MailCatcher, client: httpx.AsyncClient) -> None:
    link = await invited(story, catcher, "zephyrine", "barnabe")
    page = await client.get(link)
    assert str(an_id("barnabe")) not in page.text
    assert "9\u00a0h\u00a045" not in page.text.split('class="facts"')[1].split("Qui</dt>")[1]


async def test_a_mind_is_changed_until_the_deadline(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient
) -> None:
    link = await invited(story, catcher)
    for fields, title in (
        ({"choice": "accept"}, "Vous venez\u00a0: c’est noté"),
        ({"choice": "decline", "reason": "too-far"}, "Vous ne venez pas\u00a0: c’est noté"),
        ({"choice": "accept"}, "Vous venez\u00a0: c’est noté"),
        ({"choice": "call"}, "Nous vous appelons"),
    ):
        answered = await answer(client, link, **fields)
        assert (answered.status_code, answered.headers["location"]) == (303, link)
        assert title in (await client.get(link)).text
    assert [(name, body["revision"]) for name, body in await story.events()] == [
        ("invitation.sent", 1),
        ("invitation.accepted", 2),
        ("invitation.declined", 3),
        ("invitation.accepted", 4),
        ("invitation.accepted", 5),
    ]


async def test_a_double_click_is_one_answer(story: Story, catcher: MailCatcher, client: httpx.AsyncClient) -> None:
    link = await invited(story, catcher)
    proof = proof_in(await client.get(link))
    for _ in range(3):
        assert (await client.post(link, data={"proof": proof, "choice": "accept"})).status_code == 303
    assert await story.event_names() == ["invitation.sent", "invitation.accepted"]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"choice": "accept"},
        {"choice": "accept", "proof": ""},
        {"choice": "accept", "proof": "1.x"},
        {"choice": "accept", "proof": "1764000000." + "A" * 43},
        {"choice": "accept", "proof": "²." + "A" * 43},
        {"choice": "accept", "proof": "9" * 5000},
    ],
)
async def test_a_form_without_the_proof_of_the_page_changes_nothing(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient, fields: dict[str, str]
) -> None:
    link = await invited(story, catcher)
    refused = await client.post(link, data=fields)
    assert refused.status_code == 403
    assert "Le formulaire a expiré" in refused.text
    assert await story.event_names() == ["invitation.sent"]


async def test_a_proof_is_of_one_link_and_of_its_time(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient
) -> None:
    link = await invited(story, catcher, "zephyrine", "barnabe")
    other = link_in(next(mail for mail in catcher.box.messages if "barnabe" in mail["To"]))
    proof = proof_in(await client.get(other))
    assert (await client.post(link, data={"proof": proof, "choice": "accept"})).status_code == 403
    proof = proof_in(await client.get(link))
    story.now += timedelta(hours=13)
    assert (await client.post(link, data={"proof": proof, "choice": "accept"})).status_code == 403


@pytest.mark.parametrize("fields", [{"choice": "maybe"}, {"choice": ""}, {"choice": "decline", "reason": "DROP TABLE"}])
async def test_an_answer_that_no_button_gives_is_refused(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient, fields: dict[str, str]
) -> None:
    link = await invited(story, catcher)
    refused = await answer(client, link, **fields)
    assert refused.status_code == 422
    assert "Réponse incomplète" in refused.text


@pytest.mark.parametrize(
    "token",
    ["x", "é" * 27, new_token(), "..%2f..%2fetc", "a" * 3000],
    ids=["too short", "no token", "forged", "a path", "too long"],
)
async def test_a_forged_or_truncated_link_gets_a_plain_page(
    story: Story, client: httpx.AsyncClient, token: str
) -> None:
    assert await story.event_names() == []
    for response in (await client.get(f"/r/{token}"), await client.get(f"/r/{token}/stop")):
        assert response.status_code == 404
        assert "Ce lien ne marche pas" in response.text or "Page introuvable" in response.text
    posted = await client.post(f"/r/{token}", data={"choice": "accept"})
    assert posted.status_code in (403, 404)


async def test_a_truncated_real_link_does_not_open(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient
) -> None:
    link = await invited(story, catcher)
    assert (await client.get(link[:-1])).status_code == 404
    assert (await client.get(link.upper().replace("/R/", "/r/"))).status_code == 200


async def test_after_the_deadline_the_page_says_whom_to_call(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient
) -> None:
    link = await invited(story, catcher)
    proof = proof_in(await client.get(link))
    story.now += timedelta(days=4, hours=9)
    proof = proof_in(await client.get(link))
    story.now += timedelta(hours=1)
    late = await client.post(link, data={"proof": proof, "choice": "accept"})
    assert late.status_code == 409
    assert "La date pour répondre est passée" in late.text
    shown = await client.get(link)
    assert shown.status_code == 410
    assert "03\u00a021\u00a000\u00a000\u00a000" in shown.text
    assert "Oui, je viens" not in shown.text
    assert await story.event_names() == ["invitation.sent"]


async def test_a_yes_stays_visible_after_the_deadline(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient
) -> None:
    link = await invited(story, catcher)
    await answer(client, link, choice="accept")
    story.now = STARTS_AT - timedelta(hours=2)
    page = await client.get(link)
    assert page.status_code == 200
    assert "Vous venez" in page.text
    assert "table 1" in page.text
    assert "Confirmer" not in page.text


async def test_a_place_given_away_cannot_be_accepted_but_a_call_can_be_asked_for(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient
) -> None:
    link = await invited(story, catcher)
    proof = proof_in(await client.get(link))
    await client.post(link, data={"proof": proof, "choice": "decline"})
    await story.hear(in_force(revision=2))
    gone = await client.post(link, data={"proof": proof, "choice": "accept"})
    assert gone.status_code == 409
    assert "Votre place a été proposée à une autre personne" in gone.text
    assert (await answer(client, link, choice="call")).status_code == 303
    assert (await story.invitation())["wants_call"]
    assert (await story.event_names())[-1] == "invitation.declined", "a call asked for does not give the place back"


async def test_somebody_who_accepted_and_lost_their_meeting_is_not_told_off(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient
) -> None:
    link = await invited(story, catcher)
    await answer(client, link, choice="accept")
    await story.hear(in_force(revision=2))
    await story.send(catcher)
    assert len(catcher.box.messages) == 1
    page = await client.get(link)
    assert "Votre agence vous appelle" in page.text


async def test_a_cancelled_meetup_is_said(story: Story, catcher: MailCatcher, client: httpx.AsyncClient) -> None:
    link = await invited(story, catcher)
    await story.hear(MeetupCancelled(meetup_id=MEETUP, revision=2))
    page = await client.get(link)
    assert page.status_code == 410
    assert "Cette rencontre est annulée" in page.text


async def test_the_page_works_while_registration_is_silent(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient
) -> None:
    link = await invited(story, catcher)
    story.directory.is_down = True
    page = await client.get(link)
    assert page.status_code == 200
    assert "Louvre-Lens" in page.text
    assert "Un employeur" in page.text
    assert (await answer(client, link, choice="accept")).status_code == 303


async def test_the_page_speaks_english(story: Story, catcher: MailCatcher, client: httpx.AsyncClient) -> None:
    story.directory.reads_english("zephyrine")
    link = await invited(story, catcher)
    page = await client.get(link)
    assert '<html lang="en">' in page.text
    assert "Yes, I will come" in page.text
    french = await client.get(f"{link}?lang=fr")
    assert "Oui, je viens" in french.text
    assert '<html lang="en">' in (await client.get(f"{link}/stop")).text


async def test_while_registration_is_silent_the_page_speaks_the_browsers_language(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient
) -> None:
    link = await invited(story, catcher)
    story.directory.is_down = True
    for page in (link, f"{link}/stop"):
        assert '<html lang="fr">' in (await client.get(page)).text
        assert '<html lang="en">' in (await client.get(page, headers={"accept-language": "en"})).text


async def test_messages_stop_with_one_click_of_a_mail_program(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient
) -> None:
    link = await invited(story, catcher)
    stopped = await client.post(f"{link}/stop", data={"List-Unsubscribe": "One-Click"})
    assert stopped.status_code in (200, 303)
    await story.hear(in_force(meeting("zephyrine", slot=5), revision=2))
    await story.send(catcher)
    assert len(catcher.box.messages) == 1
    assert "Vous ne recevez plus nos messages" in (await client.get(f"{link}/stop")).text


async def test_messages_stop_and_begin_again_by_the_page(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient
) -> None:
    link = await invited(story, catcher)
    stop = f"{link}/stop"
    assert (await client.post(stop, data={"action": "stop"})).status_code == 403
    proof = proof_in(await client.get(stop))
    await client.post(stop, data={"proof": proof, "action": "stop"})
    assert await story.value("SELECT count(*) FROM silences") == 1
    await client.post(stop, data={"proof": proof, "action": "resume"})
    assert await story.value("SELECT count(*) FROM silences") == 0


async def test_a_form_from_another_site_is_refused(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient
) -> None:
    link = await invited(story, catcher)
    proof = proof_in(await client.get(link))
    fields = {"proof": proof, "choice": "accept"}
    refused = await client.post(link, data=fields, headers={"origin": "https://elsewhere.example"})
    assert refused.status_code == 403
    refused = await client.post(link, data=fields, headers={"sec-fetch-site": "cross-site"})
    assert refused.status_code == 403
    assert await story.event_names() == ["invitation.sent"]


async def test_a_huge_form_is_refused(story: Story, catcher: MailCatcher, client: httpx.AsyncClient) -> None:
    link = await invited(story, catcher)
    refused = await client.post(link, content=b"x" * 200_000, headers={"content-type": "text/plain"})
    assert refused.status_code == 413
    assert "Envoi trop volumineux" in refused.text


async def test_silence_expires_at_the_deadline(story: Story, catcher: MailCatcher, client: httpx.AsyncClient) -> None:
    link = await invited(story, catcher, "zephyrine", "barnabe")
    await answer(client, link, choice="accept")
    assert await story.keep_deadlines() == []
    story.now += timedelta(days=3, minutes=1)
    assert await story.keep_deadlines() == [("answer-reminder", "queued")]
    story.now += timedelta(days=2)
    await story.keep_deadlines()
    assert (await story.event_names())[-1] == "invitation.expired"
    assert (await story.invitation("barnabe"))["reply"] == "expired"
    assert (await story.invitation("zephyrine"))["reply"] == "accepted"
    await story.keep_deadlines()
    assert (await story.event_names()).count("invitation.expired") == 1


async def test_links_are_not_guessed_for_long_and_nobody_who_has_one_is_counted(
    story: Story, catcher: MailCatcher, client: httpx.AsyncClient
) -> None:
    page = await invited(story, catcher)
    for _ in range(LINK_GUESSES.times * 2):
        assert (await client.get(page)).status_code == 200
    guesses = [await client.get(f"/r/{new_token()}") for _ in range(LINK_GUESSES.times)]
    assert {answer.status_code for answer in guesses} == {404}
    for address in (f"/r/{new_token()}", f"/e/{new_token()}/day", f"/r/{new_token()}/stop", page):
        refused = await client.get(address)
        assert refused.status_code == 429, address
        assert "Trop de demandes" in refused.text
        assert int(refused.headers["retry-after"]) >= 1
    await story.change("UPDATE limits SET empty_at = empty_at - interval '10 minutes'")
    assert (await client.get(page)).status_code == 200
