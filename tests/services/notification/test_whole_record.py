"""What notification holds of somebody is told whole: invitations, messages, links made, answers."""

from __future__ import annotations

from services.notification.tables import Base
from services.notification.use_cases.record import UNTOLD, record_of_participant
from shared.database import unit_of_work
from shared.travel.erasure import columns_of_documents, columns_of_people, columns_of_tombstones
from shared.whole_record import columns_told, documents_told
from tests.services.notification.events import an_id
from tests.services.notification.mail_catcher import MailCatcher
from tests.services.notification.story import Story
from tests.services.notification.test_shortlists import shortlisted


async def test_a_record_tells_what_was_said_and_answered_and_of_nobody_else(story: Story, catcher: MailCatcher) -> None:
    await shortlisted(story, catcher)
    async with unit_of_work(story.sessions) as session:
        told = await record_of_participant(session, an_id("zephyrine"))
    record = told["record"]
    assert [each["reply"] for each in record["invitations"]] == ["accepted"]
    assert record["messages"]
    assert record["meetings"][0]["for_participant"]
    assert len(record["links"]) >= 1
    assert str(an_id("barnabe")) not in str(told)


def test_what_an_erasure_takes_is_told_or_named_with_its_reason() -> None:
    tables = Base.metadata.sorted_tables
    taken = {*columns_of_people(tables), *columns_of_tombstones(Base.metadata), *columns_of_documents(tables)}
    told = {
        column.table.name for column in (*columns_told(Base.metadata, UNTOLD), *documents_told(Base.metadata, UNTOLD))
    }
    assert {column.table.name for column in taken} <= told | {name.partition(".")[0] for name in UNTOLD}
    assert [name for name in UNTOLD if name.partition(".")[0] not in Base.metadata.tables] == []
