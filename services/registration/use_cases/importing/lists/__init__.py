"""The lists of the format: the columns of each, and how its rows are read and kept."""

from services.registration.use_cases.importing.lists.employers import EmployersFile, NeedsFile
from services.registration.use_cases.importing.lists.layout import Column, FileLayout, Outcome
from services.registration.use_cases.importing.lists.meetups import MeetupNeedsFile, MeetupParticipantsFile, MeetupsFile
from services.registration.use_cases.importing.lists.observations import ObservationsFile
from services.registration.use_cases.importing.lists.participants import ParticipantsFile
from services.registration.use_cases.importing.lists.workshops import EnrolmentsFile, WorkshopsFile

IN_ORDER: tuple[type[FileLayout], ...] = (
    ParticipantsFile,
    WorkshopsFile,
    MeetupsFile,
    EmployersFile,
    NeedsFile,
    EnrolmentsFile,
    ObservationsFile,
    MeetupNeedsFile,
    MeetupParticipantsFile,
)
"""The files in an order in which each finds what it refers to: agencies first come with people, workshops, meetups."""

__all__ = ["IN_ORDER", "Column", "FileLayout", "Outcome"]
