"""Registration's directory in memory, with planted names."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from services.notification.adapters.directory import DirectoryUnavailable
from shared.directory import AgencyEntry, EmployerEntry, Entries, MeetupEntry, NeedEntry, ParticipantEntry
from tests.services.notification.events import AGENCY, MEETUP, an_id

PLANTED = (
    "Zéphyrine",
    "Quatrepommes",
    "zephyrine.quatrepommes",
    "0611223344",
    "Barnabé",
    "Troisfontaines",
    "trois.font",
)
"""Names and addresses that must turn up in mails and on pages only."""


@dataclass
class FakeDirectory:
    """Registration's directory, in memory; it can be told not to answer."""

    entries: Entries = field(default_factory=Entries)
    is_down: bool = False

    def reads_english(self, name: str) -> None:
        """From now on the participant is written to in English."""
        entry = self.entries.participants[an_id(name)]
        self.entries.participants[an_id(name)] = entry.model_copy(update={"language": "en"})

    async def look_up(
        self,
        *,
        participants: Collection[UUID] = (),
        employers: Collection[UUID] = (),
        needs: Collection[UUID] = (),
        meetups: Collection[UUID] = (),
        agencies: Collection[UUID] = (),
    ) -> Entries:
        """What is asked for and known."""
        if self.is_down:
            raise DirectoryUnavailable("ConnectError")
        known = self.entries
        return Entries(
            participants={id_: known.participants[id_] for id_ in participants if id_ in known.participants},
            employers={id_: known.employers[id_] for id_ in employers if id_ in known.employers},
            needs={id_: known.needs[id_] for id_ in needs if id_ in known.needs},
            meetups={id_: known.meetups[id_] for id_ in meetups if id_ in known.meetups},
            agencies={id_: known.agencies[id_] for id_ in agencies if id_ in known.agencies},
        )


def a_directory() -> FakeDirectory:
    """Zéphyrine and Barnabé have e-mail, Colette has none; two employers with a need each."""
    people = {
        "zephyrine": ParticipantEntry(
            first_name="Zéphyrine",
            last_name="Quatrepommes",
            email="zephyrine.quatrepommes@mail.example",
            phone="0611223344",
            contact_consent=True,
        ),
        "barnabe": ParticipantEntry(
            first_name="Barnabé",
            last_name="Troisfontaines",
            email="barnabe.trois.font@mail.example",
            contact_consent=True,
        ),
        "colette": ParticipantEntry(
            first_name="Colette",
            last_name="Septvents",
            postal_address="3 rue des Tisserands\n62300 Lens",
            contact_consent=True,
        ),
    }
    employers = {
        "bakery": EmployerEntry(name="Boulangerie Dupain", contact_name="Mme Dupain", email="accueil@dupain.example"),
        "garage": EmployerEntry(name="Garage du Canal", email="garage@canal.example", language="en"),
    }
    return FakeDirectory(
        Entries(
            participants={an_id(name): entry for name, entry in people.items()},
            employers={an_id(name): entry for name, entry in employers.items()},
            needs={
                an_id("baker"): NeedEntry(
                    title="Vente en boulangerie", employer_id=an_id("bakery"), access="Bus 18, arrêt Zone industrielle."
                ),
                an_id("mechanic"): NeedEntry(title="Aide mécanicien", employer_id=an_id("garage")),
            },
            meetups={
                MEETUP: MeetupEntry(
                    title="Rencontre de décembre",
                    venue="Louvre-Lens",
                    commune="Lens",
                    address="99 rue Paul Bert",
                    access="Bus 41, arrêt Louvre-Lens",
                    agency_id=AGENCY,
                )
            },
            agencies={
                AGENCY: AgencyEntry(
                    name="Agence de Lens",
                    phone="+33321000000",
                    email="lens@agence.example",
                    address="1, place Jean-Jaurès\n62300 Lens",
                )
            },
        )
    )
