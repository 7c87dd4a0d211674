"""A stranger runs a whole meetup from an empty programme to its outcomes, by pages alone and without JavaScript."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from deploy.demo.corresponding import press_reply, read_mail
from deploy.demo.stage import Stage, until
from deploy.embedded.caught_mail import MailFolder
from deploy.running import find_surroundings
from tests.deploy.command_line import Up, four_ports, stack_that_runs
from tests.support.visiting import Visitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

TODAY = datetime.now(UTC).date()
PEOPLE = ("Ana", "Bilal", "Chloé", "Driss", "Emma", "Farid")
SKILLS = ("6D103", "6D104")


@asynccontextmanager
async def _signed_in(up: Up, button: str) -> AsyncIterator[Visitor]:
    """Somebody who pressed this button on the page to sign in."""
    address = f"http://127.0.0.1:{up.port}"
    async with httpx.AsyncClient(base_url=address, timeout=30, trust_env=False) as client:
        visitor = Visitor(client, {"accept-language": "fr"})
        await visitor.open("/sign-in")
        await visitor.send(button)
        yield visitor


async def test_a_stranger_brings_a_meetup_from_nothing_to_its_outcomes(tmp_path: Path) -> None:
    with stack_that_runs(tmp_path / "var", four_ports()) as up:
        async with _signed_in(up, "Exploitation") as operator:
            await _open_an_agency(operator)
        async with (
            _signed_in(up, "Conseil") as adviser,
            Stage(find_surroundings(up.data), MailFolder(up.data / "mail")) as stage,
        ):
            workshop = await _hold_a_workshop(adviser)
            async with _signed_in(up, "Médiation") as mediator:
                await _observe(mediator, workshop)
            await _find_employers(adviser)
            meetup = await _plan_a_meetup(adviser)
            await stage.until_at_rest()
            await _pair_and_approve(adviser, meetup)
            await _answer(stage, adviser, meetup)
            await _send_the_lists(stage, adviser, meetup)
            await _keep_what_came_of_it(adviser, meetup)


async def _open_an_agency(operator: Visitor) -> None:
    page = await operator.open("/")
    assert 'href="/agencies/new"' in page.text
    await operator.open("/agencies/new")
    await operator.send("Enregistrer l’agence", {"name": "Agence de Lens", "phone": "03 21 00 00 00"})
    for role, address in (("adviser", "ada@agence.example"), ("mediator", "maya@musee.example")):
        await operator.open("/staff/new")
        (agency,) = operator.form("Inviter").choices["agency_id"] - {""}
        page = await operator.send("Inviter", {"email": address, "role": role, "agency_id": agency})
        assert address in page.text, page.text


async def _hold_a_workshop(adviser: Visitor) -> str:
    """A workshop that is going on, with everybody enrolled; its address."""
    for name in PEOPLE:
        await adviser.open("/participants/new")
        typed = {"first_name": name, "last_name": "Martin", "commune": "Lens", "wishes": "N1103"}
        reached = {"email": f"{name.lower()}@courriel.example".replace("é", "e"), "phone": ""}
        agreed = {"consents.pairing": "yes", "consents.contact": "yes", "consents.way": "oral"}
        page = await adviser.send("Inscrire", {**typed, **reached, **agreed})
        assert "Personne inscrite" in page.text, page.text
    await adviser.open("/workshops/new")
    page = await adviser.send(
        "Enregistrer l’atelier",
        {
            "title": "Choisir une œuvre",
            "venue": "Louvre-Lens",
            "commune": "Lens",
            "starts_on": (TODAY - timedelta(days=3)).isoformat(),
            "ends_on": (TODAY + timedelta(days=3)).isoformat(),
            "mediators": "maya@musee.example",
        },
    )
    workshop = page.url.path
    await adviser.open(f"{workshop}/people")
    everybody = sorted(adviser.form("Inscrire").choices["participant"])
    assert len(everybody) == len(PEOPLE)
    await adviser.send("Inscrire", {"participant": everybody})
    return workshop


async def _observe(mediator: Visitor, workshop: str) -> None:
    """Note two skills of everybody, one after the other, as the page leads on."""
    page = await mediator.open(f"{workshop}/observe")
    first = page.text.partition(f'href="{workshop}/observe/')[2].partition('"')[0].replace("&amp;", "&")
    page = await mediator.open(f"{workshop}/observe/{first}")
    links = [part.partition('"')[0] for part in page.text.split('href="')[1:]]
    exercise = next(link for link in links if link.startswith(f"{workshop}/observe/") and link.count("/") == 5)
    page = await mediator.open(exercise.replace("&amp;", "&"))
    for _ in PEOPLE:
        page = await mediator.send("Enregistrer", {f"levels.{skill}": "3" for skill in SKILLS})
        assert page.status_code == 200, page.text
    assert f"{len(PEOPLE) * len(SKILLS)} notes" in page.text, page.text


async def _find_employers(adviser: Visitor) -> None:
    """Two employers with a need each."""
    for number, title in enumerate(("Préparation de commandes", "Réception")):
        await adviser.open("/employers/new")
        firm = {"name": f"Entrepôt {number}", "commune": "Lens", "email": f"rh{number}@entrepot.example"}
        page = await adviser.send("Enregistrer", {**firm, "contact_name": "Camille Petit"})
        await adviser.open(f"{page.url.path}/needs/new")
        asked = {f"asked.{skill}.level": "2" for skill in SKILLS} | {f"asked.{skill}.points": "50" for skill in SKILLS}
        post = {"title": title, "occupation": "N1103", "commune": "Lens", "seats": "3"}
        page = await adviser.send("Enregistrer le besoin", {**post, **asked})
        assert page.status_code == 200, page.text


async def _plan_a_meetup(adviser: Visitor) -> str:
    """A meetup in three weeks with everybody; its address."""
    await adviser.open("/meetups/new")
    day = (TODAY + timedelta(days=21)).isoformat()
    place = {
        "title": "Rencontre à la galerie",
        "venue": "Louvre-Lens",
        "commune": "Lens",
        "address": "99 rue Paul-Bert",
    }
    page = await adviser.send("Enregistrer la rencontre", {**place, "held_on": day, "begins": "09:30"})
    assert "Rencontre enregistrée" in page.text, page.text
    meetup = page.url.path
    for path, button, name in (("people", "Inscrire", "participant"), ("needs", "Inviter", "need")):
        await adviser.open(f"{meetup}/{path}")
        await adviser.send(button, {name: sorted(adviser.form(button).choices[name])})
    return meetup


async def _pair_and_approve(adviser: Visitor, meetup: str) -> None:
    page = await adviser.open("/")
    assert "Tout est prêt pour demander une proposition" in page.text
    await adviser.open(f"{meetup}/pairing")
    await adviser.send("Demander")

    async def proposed() -> bool | None:
        page = await adviser.open(f"{meetup}/pairing")
        return True if "attend votre décision" in page.text and "se prépare" not in page.text else None

    await until(proposed, "a proposal waits on the page")
    assert "Une proposition attend votre décision" in (await adviser.open("/")).text
    approve = (await adviser.open(f"{meetup}/pairing")).text.partition(f'href="{meetup}/pairing/')[2].partition('"')[0]
    await adviser.open(f"{meetup}/pairing/{approve}")
    assert "Plan validé" in (await adviser.send("Approuver et inviter")).text


async def _answer(stage: Stage, adviser: Visitor, meetup: str) -> None:
    """Whoever was invited says yes by the link in the mail."""

    async def links() -> list[str] | None:
        await stage.until_at_rest()
        found = {read_mail(mail).reply_link for mail in stage.mails.read_all()}
        return sorted(link for link in found if link) or None

    for link in await until(links, "invitations have arrived"):
        await press_reply(await stage.browser(), link, "accept")
    await stage.until_at_rest()
    assert "vient" in (await adviser.open(meetup)).text


async def _send_the_lists(stage: Stage, adviser: Visitor, meetup: str) -> None:
    await adviser.open(f"{meetup}/messages")
    assert "Les listes partent" in (await adviser.send("Envoyer les listes")).text

    async def lists() -> list[str] | None:
        await stage.until_at_rest()
        found = {read_mail(mail).shortlist_link for mail in stage.mails.read_all()}
        return sorted(link for link in found if link) or None

    browser = await stage.browser()
    for link in await until(lists, "lists have arrived"):
        page = await browser.http.get(link, headers={"accept": "text/html"}, follow_redirects=True)
        assert "Martin" in page.text


async def _keep_what_came_of_it(adviser: Visitor, meetup: str) -> None:
    await adviser.open(f"{meetup}/day")
    assert "est là" in (await adviser.send("Est là")).text
    await adviser.open(f"{meetup}/outcomes")
    outcome = next(name for name in adviser.form("Enregistrer").choices if name.startswith("outcome "))
    page = await adviser.send("Enregistrer", {outcome: "hired"})
    assert "C’est enregistré" in page.text
