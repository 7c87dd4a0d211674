"""The lists of the format: the columns of each, and how its rows are read and kept."""

from services.registration.adapters.files.records import column_name
from services.registration.use_cases.importing.lists.employers import EmployersFile, NeedsFile
from services.registration.use_cases.importing.lists.layout import Column, FileLayout, RowOutcome
from services.registration.use_cases.importing.lists.meetups import MeetupNeedsFile, MeetupParticipantsFile, MeetupsFile
from services.registration.use_cases.importing.lists.observations import ObservationsFile
from services.registration.use_cases.importing.lists.operations import OperationsFile
from services.registration.use_cases.importing.lists.outcomes import OutcomesFile
from services.registration.use_cases.importing.lists.participants import ParticipantsFile
from services.registration.use_cases.importing.lists.sites import ContactsFile, SitesFile
from services.registration.use_cases.importing.lists.venues import AgenciesFile, VenuesFile
from services.registration.use_cases.importing.lists.workshop_sessions import PresencesFile, SessionsFile
from services.registration.use_cases.importing.lists.workshops import EnrolmentsFile, WorkshopsFile

IN_ORDER: tuple[type[FileLayout], ...] = (
    AgenciesFile,
    VenuesFile,
    ParticipantsFile,
    OperationsFile,
    WorkshopsFile,
    MeetupsFile,
    EmployersFile,
    SitesFile,
    ContactsFile,
    NeedsFile,
    EnrolmentsFile,
    SessionsFile,
    PresencesFile,
    ObservationsFile,
    MeetupNeedsFile,
    MeetupParticipantsFile,
    OutcomesFile,
)
"""The files in an order in which each finds what it refers to: agencies may come with people, too."""


def list_named(stem: str) -> type[FileLayout] | None:
    """The list that a file's name speaks of, without its ending: « participants (2) », « corrections_besoins »."""
    words = f"_{column_name(stem)}_"
    spoken_of = [layout for layout in IN_ORDER if f"_{layout.stem}_" in words]
    return max(spoken_of, key=lambda layout: len(layout.stem), default=None)


__all__ = ["IN_ORDER", "Column", "FileLayout", "RowOutcome", "list_named"]
