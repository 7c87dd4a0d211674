"""What an operator reads of dead letters that were tried again."""

from __future__ import annotations

from deploy.commands.dead_letters import retried_in_words

APPLIED = {"service": "matching", "topic": "vernissage.participants.v1", "type": "participant.erased.v1"}
FAILED = {"service": "matching", "topic": "vernissage.observations.v1", "type": None}


def test_letters_alike_are_counted_and_those_that_need_a_decision_named() -> None:
    outcomes: list[dict[str, str | None]] = [{**APPLIED, "id": f"a{n}", "outcome": "applied"} for n in range(3)]
    outcomes.append({**FAILED, "id": "f1", "outcome": "failed again (ValidationError)"})
    assert retried_in_words(outcomes).splitlines() == [
        "Retried",
        "",
        "3 applied: participant.erased.v1",
        "  heard by matching, on vernissage.participants.v1",
        "",
        "1 failed again (ValidationError): no known event",
        "  heard by matching, on vernissage.observations.v1",
        "  f1",
        "",
        "What failed again stays open: retry once its cause is mended, or “vernissage dead-letters drop LETTER”.",
    ]


def test_where_nothing_failed_nothing_has_to_be_done() -> None:
    assert retried_in_words([{**APPLIED, "id": "a", "outcome": "applied"}]).splitlines() == [
        "Retried",
        "",
        "1 applied: participant.erased.v1",
        "  heard by matching, on vernissage.participants.v1",
    ]
    assert retried_in_words([]) == "No dead letter was open."
