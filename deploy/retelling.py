"""What each service tells anew when another one is rebuilt."""

from __future__ import annotations

from collections.abc import Mapping

from services.matching.use_cases import retelling as matching
from services.notification.use_cases import retelling as notification
from services.registration.use_cases import retelling as registration
from shared.travel.retelling import Chapters
from shared.travel.topics import Service

CHAPTERS: Mapping[Service, Chapters] = {
    "registration": registration.CHAPTERS,
    "matching": matching.CHAPTERS,
    "notification": notification.CHAPTERS,
}
