"""Runs notification's migrations."""

from services.notification.tables import Base
from shared.migrations import run_migrations

run_migrations(Base.metadata)
