"""Runs matching's migrations."""

from services.matching.tables import Base
from shared.migrations import run_migrations

run_migrations(Base.metadata)
