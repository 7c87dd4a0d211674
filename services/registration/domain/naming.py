"""Whether what somebody typed about one person probably names another."""

from __future__ import annotations

from dataclasses import dataclass

from services.registration.domain.participants import Contact
from shared.reference.normalise import fold


@dataclass(frozen=True, slots=True)
class Bearer:
    """The names of somebody, as compared."""

    first_names: frozenset[str]
    last_names: frozenset[str]

    def is_named_in(self, text: str, *, was_there: bool) -> bool:
        """Whether a text names them: by one of their names where they were there, elsewhere only by both."""
        words = set(fold(text).split())
        by_first, by_last = self._stands(self.first_names, words), self._stands(self.last_names, words)
        return (by_first or by_last) if was_there else (by_first and by_last)

    def _stands(self, names: frozenset[str], words: set[str]) -> bool:
        return bool(names) and names <= words


def bearer_of(contact: Contact) -> Bearer:
    """Somebody's names."""
    return Bearer(frozenset(fold(contact.first_name).split()), frozenset(fold(contact.last_name).split()))
