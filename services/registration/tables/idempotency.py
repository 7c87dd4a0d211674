"""Answers once given under an ``Idempotency-Key``."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint

from services.registration.tables.base import Base
from shared.idempotency import AnswerColumns


class IdempotencyRow(Base, AnswerColumns, table=True):
    """The answer once given under an ``Idempotency-Key``: ids and codes only, so nothing personal."""

    __table_args__ = (UniqueConstraint("person_id", "key"),)
