"""What each service does with an event, for commands that apply one on an operator's word."""

from __future__ import annotations

from collections.abc import Mapping

from services.matching.settings import Settings as MatchingSettings
from services.matching.subscribers import Subscribers as MatchingSubscribers
from services.notification.settings import Settings as NotificationSettings
from services.notification.subscribers import Subscribers as NotificationSubscribers
from services.registration.subscribers import subscriptions as registration_subscriptions
from shared.identity import wall_clock
from shared.ids import new_id
from shared.settings import ServiceSettings
from shared.travel.inbox import Subscription
from shared.travel.topics import Service


def subscriptions_of(service: Service, settings: ServiceSettings) -> Mapping[str, Subscription]:
    """A service's subscriptions by the short name of their topic, with the settings that its worker has."""
    return {each.topic.name: each for each in _subscriptions(service, settings)}


def _subscriptions(service: Service, settings: ServiceSettings) -> tuple[Subscription, ...]:
    if service == "registration":
        return registration_subscriptions()
    told = settings.model_dump()
    if service == "matching":
        return MatchingSubscribers(MatchingSettings(**told).policy, wall_clock, new_id).subscriptions()
    return NotificationSubscribers(NotificationSettings(**told).rules, wall_clock, new_id).subscriptions()
