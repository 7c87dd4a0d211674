"""An example of each body that the API takes, and values of its answers, for its description; of nobody who exists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from services.notification.api.internal import (
    ContactChangedBody,
    ErasureNoticeBody,
    SignInMailBody,
    StaffInvitationBody,
)
from services.notification.api.invitations import PhoneReply
from services.notification.api.messages import Settlement

_TO = {"email": "madeleine.henry@agence.example", "language": "fr"}
_LINK = "https://inscriptions.example/"

EXAMPLES: Mapping[type[BaseModel], Mapping[str, Any]] = {
    PhoneReply: {"choice": "accept"},
    Settlement: {"outcome": "send-again"},
    SignInMailBody: {**_TO, "kind": "sign-in", "link": _LINK},
    StaffInvitationBody: {
        **_TO,
        "kind": "staff-invitation",
        "link": _LINK,
        "role": "adviser",
        "agency": "Agence de Lens",
    },
    ContactChangedBody: {
        **_TO,
        "kind": "contact-changed",
        "employer": "Rossi",
        "agency": "Agence de Lens",
        "phone": "03 21 00 00 00",
    },
    ErasureNoticeBody: {
        **_TO,
        "kind": "erasure-notice",
        "erases_on": "2027-06-30",
        "agency": "Agence de Lens",
        "phone": "03 21 00 00 00",
    },
}

ANSWERED: Mapping[str, Any] = {
    "delivery": "sent",
    "reply": "accepted",
    "decline_reason": None,
    "say": None,
    "MessageShown.kind": "invitation",
    "state": "sent",
    "channel": "mail",
    "error": None,
    "smtp_id": None,
    "record": {"messages": [{"kind": "invitation", "state": "sent"}]},
}
"""Values of fields of answers, where their type alone would say little."""
