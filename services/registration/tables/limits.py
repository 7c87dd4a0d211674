"""How often somebody did what is limited."""

from __future__ import annotations

from services.registration.tables.base import Base
from shared.limits import LimitColumns


class LimitRow(Base, LimitColumns, table=True):
    """How often somebody did what is limited."""
