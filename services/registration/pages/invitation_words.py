"""What the states of an invitation say."""

from __future__ import annotations

from collections.abc import Mapping

from services.registration.pages.record_codes import both
from shared.language import Bilingual

INVITATION_STATES: Mapping[str, Bilingual] = {
    "sent": both("invitée, pas encore de réponse", "invited, no answer yet"),
    "accepted": both("vient", "comes"),
    "declined": both("ne vient pas", "does not come"),
    "call-requested": both("demande qu’on l’appelle", "asks to be called"),
    "asked-again": both("à qui redemander", "to be asked again"),
    "expired": both("n’a pas répondu à temps", "did not answer in time"),
    "failed": both("message non remis", "message not delivered"),
    "uncertain": both("message peut-être parti", "message perhaps sent"),
}
"""How an invitation stands, in a few words behind a name."""
