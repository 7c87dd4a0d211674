"""One module for each file of the format: its columns, and how its rows are read and kept."""

from services.registration.importing.files.employers import EmployersFile, NeedsFile
from services.registration.importing.files.layout import Column, FileLayout, Outcome
from services.registration.importing.files.meetups import MeetupNeedsFile, MeetupParticipantsFile, MeetupsFile
from services.registration.importing.files.observations import ObservationsFile
from services.registration.importing.files.participants import ParticipantsFile
from services.registration.importing.files.workshops import EnrolmentsFile, WorkshopsFile

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
