"""What each service does with an event, for commands that apply one on an operator's word."""

from __future__ import annotations

from services.matching import subscribers as matching
from services.matching.settings import Settings as MatchingSettings
from services.notification import subscribers as notification
from services.notification.settings import Settings as NotificationSettings
from services.registration import subscribers as registration
from shared.settings import ServiceSettings
from shared.travel.hearing import Hearing
from shared.travel.topics import Service


def hearing_of(service: Service, settings: ServiceSettings) -> Hearing:
    """A service's subscribers, with the settings that its worker has."""
    told = settings.model_dump()
    match service:
        case "registration":
            return Hearing(service, registration.create_router())
        case "matching":
            return Hearing(service, matching.create_router(), {"policy": MatchingSettings(**told).policy})
        case "notification":
            return Hearing(service, notification.create_router(), {"rules": NotificationSettings(**told).rules})
