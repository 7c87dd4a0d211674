"""Texts that somebody could type to make a line, a list or a page say something else: one corpus for all tests."""

from __future__ import annotations

from hypothesis import strategies as st

ENCODED_WORDS = (
    "=?utf-8?q?=0ABcc:_x@evil.example?=",
    "=?utf-8?q?a=0D=0AReply-To:_evil=40evil.example?=",
    "=?utf-8?q?=0D=0A=0D=0AThe text is mine?=",
    "=?utf-8?b?DQpCY2M6IHhAZXZpbC5leGFtcGxl?=",
    "=?iso-8859-1?Q?=0D=0ABcc=3A_x=40evil.example?= Ann",
    "=?utf-7?q?+AA0ACg-Bcc:_x@evil.example?=",
    '"=?utf-8?q?=22_=3Cx=40evil.example=3E?="',
    "=?utf-8?q?a?==?utf-8?q?=0Ab?=",
    "=?unknown?z?=0A?=",
    "=?",
)
"""RFC 2047 words that hold line breaks, or a second mailbox."""

SPECIALS = (
    'Ann" <x@evil.example>, "Bob',
    "Ann, x@evil.example",
    "Ann <x@evil.example>",
    "Ann; x@evil.example",
    "Ann (x@evil.example)",
    "Ann: x@evil.example;",
    "Ann\\",
    "é, x@evil.example " * 8,
    "Anne-Françoise d’Œuvre, 12ᵉ",
    "李 " * 60,
)
"""Signs by which addresses are told apart, with and without letters that need encoding."""

BROKEN_LINES = (
    "Ann\r\nBcc: x@evil.example",
    "Ann\nBcc: x@evil.example\n\nThe text is mine",
    "Ann\rBcc: x@evil.example",
    "Ann\u0085Bcc: x@evil.example",
    "Ann\u2028Bcc: x@evil.example",
    "Ann\u2029Bcc: x@evil.example",
    "Ann\vBcc: x@evil.example",
)
"""One line that is more than one."""

CONTROLS = ("Ann\0", "Ann\x1b[31m", "Ann\x07", "Ann\x7f", "Ann\x9b31m", "Ann\x08\x08\x08Bob", "Ann\fBob", "Ann\x1dBob")
"""Characters that drive a device."""

NO_CHARACTERS = ("Ann\ufffe", "Ann\U0001ffff", "Ann\ufdd0")
"""What Unicode says is no character, now or ever."""

UNSEEN = {
    "\ufeffAnn": "Ann",
    "An\u00adn": "Ann",
    "\u202eAnn": "Ann",
    "An\u2067n\u2069": "Ann",
    "An\u200bn\u200d": "Ann",
    "\u00a0Ann\u202f": "Ann",
    "An\U000e0041n": "Ann",
    "\u3164Ann\u2800": "Ann",
    "\u200eAnn\u061c": "Ann",
    "E\u0301lise": "Élise",
}
"""What nobody sees, and what is kept of it."""

NOTHING = ("\u200b", "\u3164", "\u00a0", "\ufeff \u00ad", "\u202e\u202c", "\u2800", "", " \t ")
"""Texts that show nothing at all."""

HOSTILE_LINES = (*ENCODED_WORDS, *SPECIALS, *BROKEN_LINES, *CONTROLS, *NO_CHARACTERS, *UNSEEN, *NOTHING)


def hostile_texts(longest: int = 200) -> st.SearchStrategy[str]:
    """Any text without lone surrogates, with pieces of the corpus between."""
    pieces = st.sampled_from(HOSTILE_LINES) | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    return st.lists(pieces, min_size=1, max_size=4).map(lambda some: "".join(some)[:longest])
