"""Every cell of the table of rights through the real API: what is own and what is another's, allowed and refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.registration.api import ROUTERS
from services.registration.domain.retention import Durations, plan_erasure
from services.registration.repository.retention import plan_erasures
from shared.database import unit_of_work
from shared.identity import Person, Role
from tests.services.registration import bodies
from tests.services.registration.office import MANAGER, NOW, OPERATOR, SERVICE, Office
from tests.support.rights import ROLES, Case, may, rights_needed, routes_of

Side = dict[str, str]
"""The ids of one agency's things, by the names that the routes give them."""

MEDIATORS = {"Lens": "georges.julien@musees.example", "Lille": "odile.caron@musees.example"}


def has(name: str) -> Callable[[Side, Any], bool]:
    """The list that is answered holds this side's thing."""
    return lambda side, answer: side[name] in {each.get("id") for each in answer["items"]}


def participant(side: Side) -> dict[str, Any]:
    return bodies.participant(agency_id=side["agency_id"])


def workshop(side: Side) -> dict[str, Any]:
    return bodies.workshop(agency_id=side["agency_id"], mediators=[side["mediator"]])


def duty(side: Side) -> dict[str, Any]:
    return {"role": "mediator", "agency_id": side["agency_id"]}


def invited(side: Side) -> dict[str, Any]:
    return {**duty(side), "email": f"{uuid4().hex}@musees.example"}


def meetup(side: Side) -> dict[str, Any]:
    return bodies.meetup(agency_id=side["agency_id"])


def operation(side: Side) -> dict[str, Any]:
    return bodies.operation(side["venue_id"], agency_id=side["agency_id"])


def employer(side: Side) -> dict[str, Any]:
    return bodies.employer(agency_id=side["agency_id"])


def site(side: Side) -> dict[str, Any]:
    return bodies.site(side["employer_id"])


def contact(side: Side) -> dict[str, Any]:
    return bodies.contact(side["employer_id"])


def need(side: Side) -> dict[str, Any]:
    return bodies.need(side["employer_id"], agency_id=side["agency_id"])


def note(side: Side) -> dict[str, Any]:
    return bodies.observation(side["workshop_id"], side["participant_id"], observer=None, level=2)


def many(one: Callable[[Side], dict[str, Any]]) -> Callable[[Side], dict[str, Any]]:
    """One of them, in a list."""
    return lambda side: {"items": [one(side)]}


def is_kept(_side: Side, answer: Any) -> bool:
    """The first of many was kept."""
    return bool(answer["items"][0]["status"] < 300)


def credential(side: Side) -> dict[str, Any]:
    return bodies.credential(agency_id=side["agency_id"])


def note_of_another(side: Side) -> dict[str, Any]:
    return {**note(side), "observer": "somebody.else@musees.example"}


def workshop_session(_side: Side) -> dict[str, Any]:
    return bodies.workshop_session()


def came(_side: Side) -> dict[str, Any]:
    return {"present": True}


def nothing(_side: Side) -> dict[str, Any]:
    return {}


def of(name: str, member: str) -> Callable[[Side, Any], bool]:
    """The item of this side's thing has this member."""
    return lambda side, answer: any(member in each and each["id"] == side[name] for each in answer["items"])


P, W, O, E, N, M, V = (  # noqa: E741 - as short as the addresses they stand for
    f"/api/v1/{name}"
    for name in ("participants", "workshops", "observations", "employers", "needs", "meetups", "venues")
)
ONE_P, ONE_W, ONE_O, ONE_E, ONE_N, ONE_M, ONE_V = (
    f"/api/v1/{name}s/{{{name}_id}}"
    for name in ("participant", "workshop", "observation", "employer", "need", "meetup", "venue")
)

ONE_I = "/api/v1/imports/{import_id}"
ONE_OP = "/api/v1/operations/{operation_id}"
S, ONE_S = "/api/v1/sites", "/api/v1/sites/{site_id}"
C, ONE_C = "/api/v1/employer-contacts", "/api/v1/employer-contacts/{contact_id}"

CASES = (
    Case("read agencies", "GET", "/api/v1/agencies", shows=has("agency_id")),
    Case("write agencies", "POST", "/api/v1/agencies", lambda _: {"name": f"Agence {uuid4()}"}),
    Case("write agency contacts", "PUT", "/api/v1/agencies/{agency_id}/contact", lambda _: {"phone": "03 21 00 00 00"}),
    Case("write agency contacts", "PATCH", "/api/v1/agencies/{agency_id}/contact", nothing),
    Case("read staff", "GET", "/api/v1/staff", shows=has("mediator_id")),
    Case("read accounts", "GET", "/api/v1/accounts", shows=has("account_id")),
    Case("write accounts", "POST", "/api/v1/accounts", invited),
    Case("write accounts", "PUT", "/api/v1/accounts/{spare_account_id}/duty", duty),
    Case("write accounts", "DELETE", "/api/v1/accounts/{spare_account_id}"),
    Case("read credentials", "GET", "/api/v1/credentials", shows=has("credential_id")),
    Case("read credentials", "GET", "/api/v1/credentials/grantable", query="?agency_id={agency_id}"),
    Case("write credentials", "POST", "/api/v1/credentials", credential),
    Case("write credentials", "DELETE", "/api/v1/credentials/{spare_credential_id}"),
    Case("read reference lists", "GET", "/api/v1/occupations", query="?q=caisse"),
    Case("read reference lists", "GET", "/api/v1/occupations/{code}"),
    Case("read reference lists", "GET", "/api/v1/skills"),
    Case("read reference lists", "GET", "/api/v1/exercises"),
    Case("read reference lists", "GET", "/api/v1/consent-texts"),
    Case("read reference lists", "GET", "/api/v1/licences"),
    Case("read reference lists", "GET", "/api/v1/communes", query="?q=Lens"),
    Case("count participants", "GET", P, shows=has("participant_id")),
    Case("name participants", "GET", P, shows=of("participant_id", "last_name")),
    Case("name participants", "GET", P, query="?q=Brunel", shows=has("participant_id")),
    Case("read participants", "GET", ONE_P),
    Case("hand over records", "GET", ONE_P + "/record"),
    Case("write participants", "POST", P, participant),
    Case("write participants", "POST", P + "/bulk", many(participant), shows=is_kept),
    Case("write participants", "PUT", ONE_P, participant),
    Case("write participants", "PATCH", ONE_P, nothing),
    Case("write participants", "PUT", P + "/by-identifier/{identifier}", participant),
    Case("erase participants", "DELETE", "/api/v1/participants/{spare_id}"),
    Case("read protected data", "GET", ONE_P, shows=lambda _, answer: "protected" in answer),
    Case("read consents", "GET", ONE_P + "/consents"),
    Case("write consents", "PUT", ONE_P + "/consents/{purpose}"),
    Case("write consents", "DELETE", ONE_P + "/consents/{purpose}"),
    Case("read consents", "GET", ONE_P + "/objections"),
    Case("record objections", "POST", P + "/{spare_id}/objections", lambda _: {"purpose": "pairing"}),
    Case(
        "lift objections",
        "POST",
        P + "/{objecting_id}/objections/{fresh_objection_id}/lift",
        lambda _: {"reason": "Elle l’a dit."},
    ),
    Case(
        "read duplicates",
        "GET",
        "/api/v1/duplicates",
        shows=lambda side, answer: side["twin_id"] in {each["participant_id"] for each in answer["items"]},
    ),
    Case("settle duplicates", "POST", "/api/v1/duplicates/{fresh_twin_id}/{participant_id}/settle"),
    Case("merge participants", "GET", ONE_P + "/merges"),
    Case("merge participants", "POST", ONE_P + "/merges", lambda side: {"merged_id": side["mergeable_id"]}),
    Case("merge participants", "DELETE", ONE_P + "/merges/{fresh_merge_id}"),
    Case("read erasures", "GET", "/api/v1/erasures", shows=has("erasure_id")),
    Case("read erasures", "GET", "/api/v1/erasures/{erasure_id}"),
    Case("settle erasures", "POST", "/api/v1/erasures/{erasure_id}/notes/{fresh_naming_note_id}/settle"),
    Case(
        "read erasures",
        "GET",
        "/api/v1/planned-erasures",
        shows=lambda side, answer: side["participant_id"] in {each["participant_id"] for each in answer["items"]},
    ),
    Case("settle erasures", "POST", "/api/v1/planned-erasures/{participant_id}/tell"),
    Case("settle erasures", "POST", "/api/v1/planned-erasures/{leaving_id}/keep"),
    Case(
        "read naming notes",
        "GET",
        "/api/v1/erasures/{erasure_id}",
        shows=lambda _, answer: any("note" in each for each in answer["notes_to_look_at"]),
    ),
    Case("read workshops", "GET", W, shows=has("workshop_id")),
    Case("read workshops", "GET", ONE_W),
    Case("write workshops", "POST", W, workshop),
    Case("write workshops", "PUT", ONE_W, workshop),
    Case("write workshops", "PATCH", ONE_W, nothing),
    Case("write workshops", "PUT", W + "/by-identifier/{identifier}", workshop),
    Case("write workshops", "PUT", ONE_W + "/participants/{participant_id}"),
    Case(
        "write workshops",
        "POST",
        ONE_W + "/participants",
        many(lambda side: {"participant_id": side["participant_id"]}),
        shows=is_kept,
    ),
    Case("write workshops", "DELETE", ONE_W + "/participants/{spare_in_workshop_id}"),
    Case("read workshops", "GET", ONE_W + "/sessions"),
    Case("read workshops", "GET", ONE_W + "/sessions/{session_id}"),
    Case("write workshops", "POST", ONE_W + "/sessions", workshop_session),
    Case("write workshops", "PUT", ONE_W + "/sessions/{session_id}", workshop_session),
    Case("write workshops", "PATCH", ONE_W + "/sessions/{session_id}", nothing),
    Case("write workshops", "DELETE", ONE_W + "/sessions/{spare_session_id}"),
    Case("read presences", "GET", ONE_W + "/sessions/{session_id}/presences"),
    Case("note presences", "PUT", ONE_W + "/sessions/{session_id}/presences/{participant_id}", came),
    Case("read observations", "GET", O, shows=has("observation_id")),
    Case("read observations", "GET", ONE_O),
    Case("record observations", "POST", O, note),
    Case("record observations of others", "POST", O, note_of_another),
    Case("record observations", "POST", O + "/bulk", many(note), shows=is_kept),
    Case("record observations of others", "POST", O + "/bulk", many(note_of_another), shows=is_kept),
    Case("correct observations", "PUT", ONE_O, lambda _: {"level": 1}),
    Case("correct observations", "PATCH", ONE_O, nothing),
    Case("correct observations", "DELETE", "/api/v1/observations/{spare_note_id}"),
    Case("read employers", "GET", E, shows=has("employer_id")),
    Case("read employers", "GET", ONE_E),
    Case("read employer contacts", "GET", ONE_E, shows=lambda _, answer: "email" in answer),
    Case("read employer contacts", "GET", E, shows=of("employer_id", "email")),
    Case("read employer contacts", "GET", ONE_E + "/former-contacts"),
    Case("write employers", "POST", E, employer),
    Case("write employers", "PUT", ONE_E, employer),
    Case("write employers", "PATCH", ONE_E, nothing),
    Case("write employers", "PUT", E + "/by-identifier/{identifier}", employer),
    Case("read employers", "GET", S, shows=has("site_id")),
    Case("read employers", "GET", ONE_S),
    Case("write employers", "POST", S, site),
    Case("write employers", "PUT", ONE_S, site),
    Case("write employers", "PATCH", ONE_S, nothing),
    Case("write employers", "PUT", S + "/by-identifier/{identifier}", site),
    Case("read employer contacts", "GET", C, shows=has("contact_id")),
    Case("read employer contacts", "GET", ONE_C),
    Case("write employers", "POST", C, contact),
    Case("write employers", "PUT", ONE_C, contact),
    Case("write employers", "PATCH", ONE_C, nothing),
    Case("write employers", "PUT", C + "/by-identifier/{identifier}", contact),
    Case("write employers", "DELETE", C + "/{spare_contact_id}"),
    Case("read needs", "GET", N, shows=has("need_id")),
    Case("read needs", "GET", ONE_N),
    Case("write needs", "POST", N, need),
    Case("write needs", "POST", N + "/bulk", many(need), shows=is_kept),
    Case("write needs", "PUT", ONE_N, need),
    Case("write needs", "PATCH", ONE_N, nothing),
    Case("write needs", "PUT", N + "/by-identifier/{identifier}", need),
    Case("write needs", "POST", ONE_N + "/close"),
    Case("propose changes", "POST", ONE_E + "/proposals", lambda _: {"phone": "03 21 00 00 00"}),
    Case("propose changes", "POST", ONE_N + "/proposals", lambda _: {"posts": 3}),
    Case("propose changes", "POST", S + "/proposals", site),
    Case("propose changes", "POST", ONE_S + "/proposals", lambda _: {"access": "Bus 10"}),
    Case("propose changes", "POST", C + "/proposals", contact),
    Case("read proposals", "GET", "/api/v1/proposals", shows=has("proposal_id")),
    Case("settle proposals", "POST", "/api/v1/proposals/{spare_proposal_id}/accept"),
    Case("settle proposals", "POST", "/api/v1/proposals/{spare_proposal_id}/refuse"),
    Case("read venues", "GET", V, shows=has("venue_id")),
    Case("read venues", "GET", ONE_V),
    Case("write venues", "POST", V, lambda _: bodies.venue(name=f"Salle {uuid4().hex[:8]}")),
    Case("write venues", "PUT", ONE_V, lambda side: bodies.venue(name=side["venue"])),
    Case("write venues", "PATCH", ONE_V, nothing),
    Case("read operations", "GET", "/api/v1/operations", shows=has("operation_id")),
    Case("read operations", "GET", ONE_OP),
    Case("write operations", "POST", "/api/v1/operations", operation),
    Case("write operations", "PUT", ONE_OP, operation),
    Case("write operations", "PATCH", ONE_OP, nothing),
    Case("write operations", "PUT", "/api/v1/operations/by-identifier/{identifier}", operation),
    Case("read meetups", "GET", M, shows=has("meetup_id")),
    Case("read meetups", "GET", ONE_M),
    Case("write meetups", "POST", M, meetup),
    Case("write meetups", "PUT", ONE_M, meetup),
    Case("write meetups", "PATCH", ONE_M, nothing),
    Case("write meetups", "PUT", M + "/by-identifier/{identifier}", meetup),
    Case("write meetups", "PUT", ONE_M + "/needs/{need_id}", nothing),
    Case("write meetups", "DELETE", ONE_M + "/needs/{spare_need_id}"),
    Case("write meetups", "POST", ONE_M + "/cancel"),
    Case("read enrolments", "GET", ONE_M, shows=lambda _, answer: "participants" in answer),
    Case("write enrolments", "PUT", ONE_M + "/participants/{participant_id}", nothing),
    Case("write enrolments", "DELETE", ONE_M + "/participants/{spare_at_meetup_id}"),
    Case("write enrolments", "PUT", ONE_M + "/attendance/{participant_id}", lambda _: {"present": True}),
    Case(
        "write enrolments",
        "PUT",
        ONE_M + "/outcomes",
        lambda side: {"participant_id": side["participant_id"], "need_id": side["need_id"], "outcome": "hired"},
    ),
    Case("read replies", "GET", ONE_M + "/invitations"),
    Case("read participant audit", "GET", "/api/v1/audit/participants/{participant_id}"),
    Case("read audit", "GET", "/api/v1/audit"),
    Case("read audit", "GET", "/api/v1/audit/head"),
    Case("import files", "GET", "/api/v1/imports", shows=has("import_id")),
    Case("import files", "GET", ONE_I),
    Case("import files", "GET", ONE_I + "/report"),
    Case("import files", "GET", ONE_I + "/report.csv", answers_json=False),
    Case("import files", "POST", "/api/v1/imports/{waiting_import_id}/cancel"),
    Case("look up names", "POST", "/internal/directory", lambda side: {"participants": [side["participant_id"]]}),
)


def callers(office: Office, mediator_id: str) -> Mapping[Role, Person]:
    """Somebody of each role; mediator and adviser belong to Lens."""
    return {
        Role.MEDIATOR: Person(UUID(mediator_id), Role.MEDIATOR, office.lens),
        Role.ADVISER: office.adviser,
        Role.MANAGER: MANAGER,
        Role.OPERATOR: OPERATOR,
        Role.SERVICE: SERVICE,
    }


class Town:
    """One agency with something of everything; what a request uses up is made anew when it is named."""

    def __init__(self, office: Office, name: str, agency_id: UUID) -> None:
        self.office = office
        self.asks = office.adviser if agency_id == office.lens else office.other_adviser
        self.days = (f"2026-{month}-{day:02}" for month in (10, 11) for day in range(1, 21))
        self.ids: Side = {
            "agency_id": str(agency_id),
            "mediator": MEDIATORS[name],
            "venue": f"Musée de {name}",
            "town": name,
            "code": "D1505",
            "purpose": "contact",
        }

    async def open(self) -> None:
        """Register one of everything."""
        ids = self.ids
        ids["participant_id"] = await self._post(P, bodies.participant(agency_id=ids["agency_id"]))
        ids["workshop_id"] = await self._post(W, workshop(ids))
        await self._put(ONE_W + "/participants/{participant_id}")
        ids["session_id"] = await self._plan_session()
        found = (await self.office.ask("GET", "/api/v1/staff", OPERATOR)).json()["items"]
        ids["mediator_id"] = next(each["id"] for each in found if each["email"] == ids["mediator"])
        ids["observation_id"] = await self._note()
        ids["employer_id"] = await self._post(E, employer(ids))
        ids["site_id"] = await self._post(S, site(ids))
        ids["contact_id"] = await self._post(C, contact(ids))
        ids["need_id"] = await self._post(N, need(ids))
        ids["meetup_id"] = await self._post(M, meetup(ids))
        ids["venue_id"] = await self._post(V, bodies.venue(name=ids["venue"]))
        ids["operation_id"] = await self._post("/api/v1/operations", operation(ids))
        await self._put(ONE_M + "/needs/{need_id}")
        await self._put(ONE_M + "/participants/{participant_id}")
        ids["account_id"] = await self._post("/api/v1/accounts", invited(ids))
        ids["credential_id"] = await self._give_access()
        ids["proposal_id"] = await self._propose()
        ids["twin_id"] = await self._post(P, bodies.participant(agency_id=ids["agency_id"]))
        ids["objecting_id"] = await self._post(P, bodies.participant(agency_id=ids["agency_id"]))
        await self._erase_somebody()
        await self._plan_erasure(ids["participant_id"])
        ids["import_id"] = await self._hand_in()

    async def filled(self, template: str) -> str:
        """The address, with what it names; what is named as fresh or spare is made now."""
        ids = {**self.ids, "identifier": f"X{uuid4()}"}
        for name in ("spare_id", "spare_in_workshop_id", "spare_at_meetup_id", "fresh_twin_id"):
            if f"{{{name}}}" in template:
                ids[name] = await self._post(P, bodies.participant(agency_id=ids["agency_id"]))
        for name, place in (("spare_in_workshop_id", ONE_W), ("spare_at_meetup_id", ONE_M)):
            if f"{{{name}}}" in template:
                await self._put(f"{place}/participants/{ids[name]}")
        if "{spare_need_id}" in template:
            ids["spare_need_id"] = await self._post(N, need(ids))
            await self._put(ONE_M + f"/needs/{ids['spare_need_id']}")
        for name, make in self.made_when_named.items():
            if f"{{{name}}}" in template:
                ids[name] = await make()
        if "{fresh_naming_note_id}" in template:
            ids |= await self._erase_somebody()
        return template.format(**ids)

    @property
    def made_when_named(self) -> Mapping[str, Callable[[], Awaitable[str]]]:
        """What is used up by a case, and how another is made."""
        return {
            "spare_account_id": partial(self._post, "/api/v1/accounts", invited(self.ids)),
            "spare_credential_id": self._give_access,
            "spare_proposal_id": self._propose,
            "spare_note_id": self._note,
            "leaving_id": self._leave,
            "spare_contact_id": partial(self._post, C, contact(self.ids)),
            "waiting_import_id": self._hand_in,
            "fresh_merge_id": self._merge,
            "spare_session_id": self._plan_session,
            "fresh_objection_id": self._object,
        }

    async def _post(self, path: str, body: Mapping[str, Any]) -> str:
        return str((await self.office.post(path, body, self.asks))["id"])

    async def _put(self, path: str) -> None:
        response = await self.office.ask("PUT", path.format(**self.ids), self.asks, json={})
        assert response.is_success, response.text

    async def _hand_in(self) -> str:
        return str((await self.office.hand_in({"lieux.csv": "nom\n"}, self.asks))["id"])

    async def _object(self) -> str:
        path = f"{P}/{self.ids['objecting_id']}/objections"
        return str((await self.office.post(path, {"purpose": "contact"}, OPERATOR))["id"])

    async def _plan_session(self) -> str:
        return await self._post(f"{W}/{self.ids['workshop_id']}/sessions", bodies.workshop_session())

    async def _leave(self) -> str:
        participant_id = await self._post(P, bodies.participant(agency_id=self.ids["agency_id"]))
        await self._plan_erasure(participant_id)
        return participant_id

    async def _plan_erasure(self, participant_id: str) -> None:
        async with unit_of_work(self.office.sessions) as session:
            await plan_erasures(session, [plan_erasure(UUID(participant_id), Durations(), NOW)])

    async def _propose(self) -> str:
        path = f"{E}/{self.ids['employer_id']}/proposals"
        return str((await self.office.post(path, {"name": "Rossi et fille"}, OPERATOR))["id"])

    async def _give_access(self) -> str:
        return str((await self.office.post("/api/v1/credentials", credential(self.ids), OPERATOR))["id"])

    async def _note(self, **changes: Any) -> str:
        changes["seen_on"] = next(self.days)
        body = bodies.observation(self.ids["workshop_id"], self.ids["participant_id"], **changes)
        return await self._post(O, {**body, "observer": self.ids["mediator"]})

    async def register_twice(self) -> None:
        """Register the main person once more, so that both can be merged."""
        self.ids["mergeable_id"] = await self._post(P, bodies.participant(agency_id=self.ids["agency_id"]))

    async def _merge(self) -> str:
        await self.register_twice()
        return await self._post(ONE_P.format(**self.ids) + "/merges", {"merged_id": self.ids["mergeable_id"]})

    async def _erase_somebody(self) -> Side:
        """Erase somebody whom another's note names."""
        name = f"Zéphyrine{uuid4().hex}"
        gone = await self._post(P, bodies.participant(first_name=name, agency_id=self.ids["agency_id"]))
        naming = await self._note(note=f"A aidé {name} Brunel.")
        receipt = (await self.office.ask("DELETE", f"{P}/{gone}", self.asks)).json()
        self.ids["erasure_id"] = receipt["id"]
        return {"erasure_id": receipt["id"], "fresh_naming_note_id": naming}


@pytest.mark.parametrize("right", dict.fromkeys(case.right for case in CASES))
async def test_a_right_goes_as_far_as_the_table_says_and_no_further(office: Office, right: str) -> None:
    own, other = Town(office, "Lens", office.lens), Town(office, "Lille", office.lille)
    await own.open()
    await other.open()
    people = callers(office, own.ids["mediator_id"])
    for case in (case for case in CASES if case.right == right):
        for role in ROLES:
            for town in (other, own):
                path = await town.filled(case.path + case.query)
                if path.endswith("/merges"):
                    await town.register_twice()
                body = case.body(town.ids) if case.body else None
                seen = 1 if path.endswith("/duty") else None
                response = await office.ask(case.method, path, people[role], seen=seen, json=body)
                is_had = case.is_had(town.ids, response)
                expected = may(right, role, is_own=town is own)
                assert is_had is expected, (case.method, case.path, role, town.ids["town"], response.text)


async def test_an_import_writes_what_is_ones_own(office: Office) -> None:
    for role, person in callers(office, str(UUID(int=9))).items():
        for agency, is_own in (("Agence de Lens", True), ("Agence de Lille", False)):
            row = f"{role}{is_own};Brunel;Maurice;{agency};Lens"
            files = [("files", ("participants.csv", f"identifiant;nom;prenom;agence;commune\n{row}\n".encode()))]
            response = await office.ask("POST", "/api/v1/imports", person, files=files)
            await office.work_at_imports()
            if response.status_code == 403:
                is_had = False
            else:
                kept = await office.rows(f"SELECT 1 FROM participants WHERE identifier = '{role}{is_own}'")  # noqa: S608
                is_had = bool(kept)
            assert is_had is may("import files", role, is_own=is_own), (role, agency, response.text)
        limits = await office.ask("GET", "/api/v1/imports/limits", person)
        assert limits.is_success is may("import files", role, is_own=True)


async def test_an_export_holds_what_one_may_read_and_is_ones_own(office: Office) -> None:
    own, other = Town(office, "Lens", office.lens), Town(office, "Lille", office.lille)
    await own.open()
    await other.open()
    people = callers(office, own.ids["mediator_id"])
    for role, person in people.items():
        asked = await office.ask("POST", "/api/v1/exports", person, json={})
        assert asked.is_success is may("export records", role, is_own=True), (role, asked.text)
        if not asked.is_success:
            continue
        contacts = "read employer contacts" if may("read employer contacts", role, is_own=True) else ""
        for town in (own, other):
            files = await office.export(person)
            for stem, right, name in (
                ("participants", "read participants", "participant_id"),
                ("observations", "read observations", "participant_id"),
                ("rencontres", "read meetups", "meetup_id"),
                ("rencontre_participants", "read enrolments", "participant_id"),
                # Nobody is given an employer without the contact that an import would then take away.
                ("employeurs", contacts or "read employers", "employer_id"),
                ("sites", contacts or "read employers", "site_id"),
                ("contacts", "read employer contacts", "contact_id"),
                ("besoins", contacts or "read needs", "need_id"),
                ("operations", "read operations", "operation_id"),
                ("ateliers", "read workshops", "workshop_id"),
            ):
                is_in = town.ids[name].encode() in files.get(f"{stem}.csv", b"")
                assert is_in is may(right, role, is_own=town is own), (role, stem, town.ids["town"])
        for another in people.values():
            fetched = await office.ask("GET", asked.headers["location"], another)
            assert fetched.is_success is (another == person)


def test_every_route_needs_one_right_and_has_a_case_for_it() -> None:
    needed = {
        (method, path): rights_needed(route) - {"read observations"} or rights_needed(route)
        for method, path, route in routes_of(ROUTERS)
    }
    assert not [route for route, rights in needed.items() if len(rights) != 1]
    spares = {"spare_id": "participant_id", "fresh_twin_id": "participant_id", "spare_need_id": "need_id"}
    spares |= {"spare_in_workshop_id": "participant_id", "spare_at_meetup_id": "participant_id"}
    spares |= {"spare_proposal_id": "proposal_id", "spare_account_id": "account_id"}
    spares |= {"spare_credential_id": "credential_id", "leaving_id": "participant_id"}
    spares |= {"waiting_import_id": "import_id", "spare_contact_id": "contact_id"}
    spares |= {"spare_note_id": "observation_id", "fresh_naming_note_id": "observation_id"}
    spares |= {"fresh_merge_id": "merge_id", "objecting_id": "participant_id", "fresh_objection_id": "objection_id"}
    spares |= {"spare_session_id": "session_id"}
    tried: dict[tuple[str, str], set[str]] = {("GET", "/api/v1/imports/limits"): {"import files"}}
    tried["POST", "/api/v1/imports"] = {"import files"}
    # What somebody asked for themselves alone: see below.
    exports = ("", "/{export_id}", "/{export_id}/file", "/{export_id}/cancel")
    tried |= {("GET" if path != "/{export_id}/cancel" else "POST", f"/api/v1/exports{path}"): set() for path in exports}
    tried = {route: rights or {"export records"} for route, rights in tried.items()}
    tried["POST", "/api/v1/exports"] = {"export records"}
    # Only a browser that is signed in gets one: see the tests of signing in.
    tried["POST", "/api/v1/tokens"] = {"get tokens"}
    for case in CASES:
        path = case.path.replace("{fresh_twin_id}/{participant_id}", "{participant_id}/{resembles_id}")
        for spare, name in spares.items():
            path = path.replace(f"{{{spare}}}", f"{{{name}}}")
        tried.setdefault((case.method, path), set()).add(case.right)
    assert set(needed) == set(tried)
    assert not [route for route, rights in needed.items() if not rights <= tried[route]]
