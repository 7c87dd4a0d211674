"""The documents of the contracts are valid AsyncAPI 3.0, and the ones that are kept are those of the registry.

The schema beside this file is the official one, from the npm package @asyncapi/specs 6.11.1 (Apache License 2.0).
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator

from shared.travel.asyncapi import document, documents, main, stale, topics_table
from shared.travel.topics import SERVICES, TOPICS, Service

HERE = Path(__file__).parent
DOCS = HERE.parents[2] / "docs"


@pytest.fixture(scope="module")
def official() -> Draft7Validator:
    schema: dict[str, Any] = json.loads((HERE / "asyncapi-3.0.0.schema.json").read_text(encoding="utf-8"))
    return Draft7Validator(schema)


@pytest.mark.parametrize("service", SERVICES)
def test_a_document_is_valid_asyncapi(service: Service, official: Draft7Validator) -> None:
    assert [error.message for error in official.iter_errors(document(service))] == []


def test_the_official_schema_would_refuse_a_broken_document(official: Draft7Validator) -> None:
    broken = document("matching")
    broken["operations"]["send-pairings"]["action"] = "shout"
    assert not official.is_valid(broken)


@pytest.mark.parametrize("service", SERVICES)
def test_each_example_in_a_document_fits_its_schema(service: Service) -> None:
    components = document(service)["components"]
    for message in components["messages"].values():
        (example,) = message["examples"]
        for part in ("headers", "payload"):
            schema = {**message[part], "components": {"schemas": components["schemas"]}}
            assert [error.message for error in Draft202012Validator(schema).iter_errors(example[part])] == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_document_says_what_the_service_sends_and_receives(service: Service) -> None:
    operations = document(service)["operations"]
    sends = {f"send-{topic.name}" for topic in TOPICS if topic.producer == service}
    receives = {f"receive-{topic.name}" for topic in TOPICS if service in topic.consumers}
    assert set(operations) == sends | receives


def test_the_kept_documents_are_those_of_the_registry() -> None:
    assert stale(DOCS) == []


def test_the_check_names_what_is_out_of_date(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(DOCS / "asyncapi", tmp_path / "asyncapi")
    (tmp_path / "topics.md").write_text("old")
    assert main(["--check", str(tmp_path)]) == 1
    assert capsys.readouterr().out.startswith("topics.md is out of date")
    assert main(["--write", str(tmp_path)]) == 0
    assert main(["--check", str(tmp_path)]) == 0
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {
        name.split("/")[-1] for name in documents()
    }


def test_the_table_names_every_topic_and_event() -> None:
    table = topics_table()
    for topic in TOPICS:
        assert f"`{topic.full_name()}`" in table
        assert all(f"`{event.type}`" in table for event in topic.events)
