"""The audit: who looked at whom and who changed what, in lines that a service can add and nobody can take back unseen.

Each service has one in its own database, in the schema ``audit``: its migration makes it and says which tables' changes
are noted (`shared.auditing.migrating`), its routes note whom they show (`note_looks`), its worker seals (`seal_lines`).
"""

from shared.auditing.chain import (
    SEAL_EVERY,
    TELL_HEAD_EVERY,
    Chain,
    Head,
    head_of_chain,
    seal_lines,
    tell_head,
    unsealed_lines,
    verify_chain,
)
from shared.auditing.keeping import lines_kept
from shared.auditing.lines import LinesWanted, keep_looks, lines_of, looking_if_refused, note_looks

__all__ = [
    "SEAL_EVERY",
    "TELL_HEAD_EVERY",
    "Chain",
    "Head",
    "LinesWanted",
    "head_of_chain",
    "keep_looks",
    "lines_kept",
    "lines_of",
    "looking_if_refused",
    "note_looks",
    "seal_lines",
    "tell_head",
    "unsealed_lines",
    "verify_chain",
]
