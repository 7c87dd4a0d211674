"""What other services told: participants, observations, needs, meetups, replies."""

from services.matching.repository.facts.completeness import are_told
from services.matching.repository.facts.meetups import (
    ToldEnrolment,
    cancel_meetups,
    enrolments_of,
    find_meetup,
    find_meetups,
    list_meetups,
    save_enrolments,
    save_meetups,
)
from services.matching.repository.facts.needs import (
    close_needs,
    find_need,
    find_needs,
    list_open_needs,
    open_among,
    save_needs,
)
from services.matching.repository.facts.observations import (
    count_observations,
    observations_of,
    retract_observations,
    save_observations,
)
from services.matching.repository.facts.people import (
    ToldConsent,
    ToldErasure,
    ToldState,
    agreeing,
    consenting,
    erase_participants,
    erased_among,
    exposures,
    find_participant,
    find_participants,
    save_consents,
    save_participants,
)
from services.matching.repository.facts.replies import ToldReply, replies_of, save_replies

__all__ = [
    "ToldConsent",
    "ToldEnrolment",
    "ToldErasure",
    "ToldReply",
    "ToldState",
    "agreeing",
    "are_told",
    "cancel_meetups",
    "close_needs",
    "consenting",
    "count_observations",
    "enrolments_of",
    "erase_participants",
    "erased_among",
    "exposures",
    "find_meetup",
    "find_meetups",
    "find_need",
    "find_needs",
    "find_participant",
    "find_participants",
    "list_meetups",
    "list_open_needs",
    "observations_of",
    "open_among",
    "replies_of",
    "retract_observations",
    "save_consents",
    "save_enrolments",
    "save_meetups",
    "save_needs",
    "save_observations",
    "save_participants",
    "save_replies",
]
