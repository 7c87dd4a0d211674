"""Occupations of ROME: by code, by job title, near ones, and search as people type."""

from shared.reference.occupations.search import Found, search
from shared.reference.occupations.table import (
    Occupation,
    find_occupation,
    job_titles,
    near,
    occupation,
    occupations,
    titles,
)

__all__ = [
    "Found",
    "Occupation",
    "find_occupation",
    "job_titles",
    "near",
    "occupation",
    "occupations",
    "search",
    "titles",
]
