"""The languages in which the programme speaks to people."""

from __future__ import annotations

from typing import Literal

Language = Literal["fr", "en"]
