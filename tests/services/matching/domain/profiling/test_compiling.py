"""Machine code is kept, but never beyond the sources it was made of."""

from pathlib import Path

from services.matching.domain.profiling import compiling
from services.matching.domain.profiling.absorption import absorb


def test_a_change_in_any_source_is_another_edition(tmp_path: Path) -> None:
    first, second = tmp_path / "caller.py", tmp_path / "called.py"
    first.write_text("from called import answer\n")
    second.write_text("answer = 41\n")
    before = compiling.digest_of(tmp_path)
    assert compiling.digest_of(tmp_path) == before
    second.write_text("answer = 42\n")
    assert compiling.digest_of(tmp_path) != before


def test_compiled_functions_are_kept_under_the_edition_of_their_sources() -> None:
    assert absorb.__qualname__ == f"absorb_{compiling.digest_of(Path(compiling.__file__).parent)}"


def test_every_participant_falls_into_one_strand() -> None:
    for people in (0, 1, 7, compiling.WORTH_A_THREAD, 3 * compiling.WORTH_A_THREAD + 1):
        ranges = compiling.in_strands(people, lambda strand: strand)
        assert [person for strand in ranges for person in strand] == list(range(people))
