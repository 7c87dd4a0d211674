"""Runs registration's migrations."""

from services.registration.tables import Base
from shared.migrations import run_migrations

run_migrations(Base.metadata)
