"""The audit: who looked at whose invitations and letters, and what became of them."""

from __future__ import annotations

from shared.web.auditing import audit_router

router = audit_router()
