"""Registration's tables.

What names or reaches a participant stands in tables of its own, apart from what pairing may know; what must never
count, in a schema of its own, on a base apart.
"""

from services.registration.tables.accounts import AccountRow, SignedInRow, SignInAttemptRow, SignInLinkRow
from services.registration.tables.agencies import AgencyRow, StaffRow
from services.registration.tables.base import Base
from services.registration.tables.credentials import CredentialRow
from services.registration.tables.employer_contacts import EmployerContactRow, FormerContactRow
from services.registration.tables.employers import EmployerRow, NeedRow
from services.registration.tables.erasures import ErasureRow, NamingNoteRow
from services.registration.tables.exports import ExportPieceRow, ExportRow
from services.registration.tables.following import AnswerRow, InForceRow, InvitationRow, PairedRow, PairingRow
from services.registration.tables.idempotency import IdempotencyRow
from services.registration.tables.imports import ImportPartRow, ImportPieceRow, ImportRow
from services.registration.tables.limits import LimitRow
from services.registration.tables.meetups import DepartureRow, EnrolmentRow, MeetupNeedRow, MeetupRow, OutcomeRow
from services.registration.tables.merges import MergeRow
from services.registration.tables.objections import ObjectionRow
from services.registration.tables.observations import ObservationRow
from services.registration.tables.operations import OperationRow
from services.registration.tables.owed_mails import OwedMailRow
from services.registration.tables.participants import (
    ConsentRow,
    ContactRow,
    NameWordRow,
    ParticipantRow,
    SuspicionRow,
)
from services.registration.tables.proposals import ProposalRow
from services.registration.tables.protected import Apart, CriteriaRow
from services.registration.tables.retention import PlannedErasureRow
from services.registration.tables.sites import SiteRow
from services.registration.tables.venues import VenueRow
from services.registration.tables.workshop_sessions import PresenceRow, WorkshopSessionRow
from services.registration.tables.workshops import WorkshopEnrolmentRow, WorkshopRow, WorkshopStaffRow

__all__ = [
    "AccountRow",
    "AgencyRow",
    "AnswerRow",
    "Apart",
    "Base",
    "ConsentRow",
    "ContactRow",
    "CredentialRow",
    "CriteriaRow",
    "DepartureRow",
    "EmployerContactRow",
    "EmployerRow",
    "EnrolmentRow",
    "ErasureRow",
    "ExportPieceRow",
    "ExportRow",
    "FormerContactRow",
    "IdempotencyRow",
    "ImportPartRow",
    "ImportPieceRow",
    "ImportRow",
    "InForceRow",
    "InvitationRow",
    "LimitRow",
    "MeetupNeedRow",
    "MeetupRow",
    "MergeRow",
    "NameWordRow",
    "NamingNoteRow",
    "NeedRow",
    "ObjectionRow",
    "ObservationRow",
    "OperationRow",
    "OutcomeRow",
    "OwedMailRow",
    "PairedRow",
    "PairingRow",
    "ParticipantRow",
    "PlannedErasureRow",
    "PresenceRow",
    "ProposalRow",
    "SignInAttemptRow",
    "SignInLinkRow",
    "SignedInRow",
    "SiteRow",
    "StaffRow",
    "SuspicionRow",
    "VenueRow",
    "WorkshopEnrolmentRow",
    "WorkshopRow",
    "WorkshopSessionRow",
    "WorkshopStaffRow",
]
