"""What matching holds of somebody is told whole: where they stand in pairings with the reasons, and nobody else."""

from __future__ import annotations

import json

from services.matching.tables import Base
from services.matching.use_cases.record import UNTOLD, record_of_participant
from shared.database import unit_of_work
from shared.travel.erasure import columns_of_documents, columns_of_people, columns_of_tombstones
from shared.whole_record import columns_told, documents_told
from tests.services.matching.conftest import PEOPLE, Stage
from tests.support.events import an_id


async def test_a_record_tells_where_somebody_stands_and_why_and_of_nobody_else(gallery: Stage) -> None:
    await gallery.propose(pins=[(PEOPLE[0], "need 0")])
    person, others = an_id(PEOPLE[0]), {str(an_id(name)) for name in PEOPLE[1:]}
    async with unit_of_work(gallery.sessions) as session:
        told = await record_of_participant(session, person)
    record = told["record"]
    assert record["participants"][0]["state"]
    assert record["consents"]
    assert record["observations"]
    [pairing] = record["pairings"]
    assert any(part.get("reasons", {}).get("account") for part in pairing["content"])
    assert record["rematch_requests"][0]["pins"] == [[str(person), str(an_id("need 0"))]]
    assert not [other for other in others if other in json.dumps(record, default=str)]


def test_what_an_erasure_takes_is_told_or_named_with_its_reason() -> None:
    tables = Base.metadata.sorted_tables
    taken = {*columns_of_people(tables), *columns_of_tombstones(Base.metadata), *columns_of_documents(tables)}
    told = {
        column.table.name for column in (*columns_told(Base.metadata, UNTOLD), *documents_told(Base.metadata, UNTOLD))
    }
    assert {column.table.name for column in taken} <= told | {name.partition(".")[0] for name in UNTOLD}
    assert [name for name in UNTOLD if name.partition(".")[0] not in Base.metadata.tables] == []
