"""What each service keeps for a time, by its settings."""

from __future__ import annotations

from services.matching.settings import Settings as MatchingSettings
from services.matching.use_cases import retention as matching
from services.notification.settings import Settings as NotificationSettings
from services.notification.use_cases import retention as notification
from services.registration.settings import Settings as RegistrationSettings
from services.registration.use_cases import retention as registration
from shared.retention import Lasting
from shared.settings import ServiceSettings


def kept_by(settings: ServiceSettings) -> tuple[Lasting, ...]:
    """All that a service keeps for a time. Raises `TypeError` for settings of no service."""
    match settings:
        case RegistrationSettings():
            return registration.all_kept(settings)
        case MatchingSettings():
            return matching.all_kept(settings)
        case NotificationSettings():
            return notification.all_kept(settings)
    raise TypeError(f"{type(settings).__name__} are settings of no service")
