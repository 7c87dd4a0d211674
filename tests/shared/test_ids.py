"""New ids are version 7, all different, and sort by the time they were made."""

from shared.ids import new_id


def test_ids_are_version_7_and_sort_by_time() -> None:
    made = [new_id() for _ in range(1000)]
    assert {each.version for each in made} == {7}
    assert len(set(made)) == 1000
    assert sorted(each.int >> 80 for each in made) == [each.int >> 80 for each in made]
