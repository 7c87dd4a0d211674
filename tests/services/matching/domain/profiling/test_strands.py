"""Participants are summed in strands, each in one of them."""

from services.matching.domain.profiling.strands import WORTH_A_THREAD, in_strands


def test_every_participant_falls_into_one_strand() -> None:
    for people in (0, 1, 7, WORTH_A_THREAD, 3 * WORTH_A_THREAD + 1):
        ranges = in_strands(people, lambda strand: strand)
        assert [person for strand in ranges for person in strand] == list(range(people))
