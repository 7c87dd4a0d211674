"""The contracts as documents: an AsyncAPI 3.0 file for each service, and a table of the topics.

``python -m shared.travel.asyncapi --write docs`` writes them from the registry, ``--check docs`` says which are out
of date.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from inspect import getdoc
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from shared.contracts.envelope import CONTENT_TYPE, SPEC_VERSION, Event
from shared.travel.topics import SERVICES, TOPICS, Service, Topic

ASYNCAPI = "3.0.0"
KAFKA_BINDING = "0.5.0"
CONTRACTS = "1.0.0"
"""The version of the contracts as a whole; each event's own is in its type."""

EXAMPLES = files("shared.contracts") / "examples"

ABOUT = {
    "registration": "Keeps the programme's records and tells what pairing may know of them.",
    "matching": "Builds profiles, proposes pairings, keeps standing shortlists.",
    "notification": "Invites, reminds, sends shortlists, and tells the replies.",
}

HEADERS: dict[str, Any] = {
    "type": "object",
    "description": "CloudEvents 1.0 in Kafka's binary mode.",
    "required": ["ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "content-type"],
    "properties": {
        "ce_specversion": {"type": "string", "const": SPEC_VERSION},
        "ce_id": {"type": "string", "format": "uuid", "description": "The event's own id; a duplicate has the same."},
        "ce_type": {"type": "string"},
        "ce_source": {"type": "string", "format": "uri-reference"},
        "ce_time": {"type": "string", "format": "date-time"},
        "content-type": {"type": "string", "const": CONTENT_TYPE},
        "traceparent": {"type": "string", "description": "The W3C trace in which the event arose."},
    },
}


def document(service: Service) -> dict[str, Any]:
    """The AsyncAPI document of a service: what it sends, what it receives, and the shape of each message."""
    sent = [topic for topic in TOPICS if topic.producer == service]
    received = [topic for topic in TOPICS if service in topic.consumers]
    topics = [topic for topic in TOPICS if topic in sent or topic in received]
    events = [event for topic in topics for event in topic.events]
    return {
        "asyncapi": ASYNCAPI,
        "info": {"title": f"Vernissage: {service}", "version": CONTRACTS, "description": ABOUT[service]},
        "defaultContentType": CONTENT_TYPE,
        "channels": {topic.name: _channel(topic) for topic in topics},
        "operations": dict(
            [_operation("send", topic, {}) for topic in sent]
            + [_operation("receive", topic, _group(service, topic)) for topic in received]
        ),
        "components": {
            "messages": {event.__name__: _message(event) for event in events},
            "schemas": {"CloudEventHeaders": HEADERS, **_schemas(events)},
        },
    }


def topics_table() -> str:
    """The topics of the registry as a page of Markdown."""
    lines = [
        "# Topics",
        "",
        "Made from the registry (`shared/travel/topics.py`) by `python -m shared.travel.asyncapi --write docs`. Each",
        "message is a CloudEvent 1.0 in Kafka's binary mode with a JSON body; its key is the id of what changed,",
        "and the events of one key keep their order. What no consumer can apply goes to the topic's name with `.dlq`",
        "behind it. The shape of each event is in `asyncapi/<service>.json`, an example of each is in",
        "`shared/contracts/examples/`.",
        "",
        "| topic | key | produced by | consumer groups | partitions | kept for | events |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *(_table_row(topic) for topic in TOPICS),
        "",
        "## Events",
        "",
    ]
    for topic in TOPICS:
        lines += [f"### {topic.full_name()}", ""]
        lines += [f"- `{event.type}`: {_summary(event)}" for event in topic.events]
        lines.append("")
    return "\n".join(lines)


def documents() -> dict[str, str]:
    """All documents by their path below the documentation's folder."""
    written = {f"asyncapi/{service}.json": _json(document(service)) for service in SERVICES}
    return written | {"topics.md": topics_table()}


def stale(folder: Path) -> list[str]:
    """The documents in a folder that differ from the registry."""
    return [
        name
        for name, text in documents().items()
        if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != text
    ]


def write(folder: Path) -> None:
    """Write all documents into a folder."""
    for name, text in documents().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def example(event: type[Event]) -> dict[str, Any]:
    """The golden example of an event: its topic, key, headers and body."""
    text = (EXAMPLES / f"{event.type.removeprefix('vernissage.')}.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check the documents; 1 when a check finds one out of date."""
    parser = argparse.ArgumentParser(prog="python -m shared.travel.asyncapi", description=__doc__)
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--write", type=Path, metavar="FOLDER", help="write the documents into this folder")
    action.add_argument("--check", type=Path, metavar="FOLDER", help="say which documents there are out of date")
    chosen = parser.parse_args(arguments)
    if chosen.write is not None:
        write(chosen.write)
        return 0
    out_of_date = stale(chosen.check)
    for name in out_of_date:
        sys.stdout.write(f"{name} is out of date: run python -m shared.travel.asyncapi --write {chosen.check}\n")
    return 1 if out_of_date else 0


def _channel(topic: Topic) -> dict[str, Any]:
    return {
        "address": topic.full_name(),
        "description": f"Key: the {topic.key}. What cannot be applied goes to {topic.dead_letters()}.",
        "messages": {event.__name__: {"$ref": f"#/components/messages/{event.__name__}"} for event in topic.events},
        "bindings": {
            "kafka": {
                "topic": topic.full_name(),
                "partitions": topic.partitions,
                "topicConfiguration": {"retention.ms": int(topic.retention.total_seconds() * 1000)},
                "bindingVersion": KAFKA_BINDING,
            }
        },
    }


def _operation(action: str, topic: Topic, more: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    messages = [{"$ref": f"#/channels/{topic.name}/messages/{event.__name__}"} for event in topic.events]
    channel = {"$ref": f"#/channels/{topic.name}"}
    return f"{action}-{topic.name}", {"action": action, "channel": channel, "messages": messages, **more}


def _group(service: Service, topic: Topic) -> dict[str, Any]:
    group = {"type": "string", "const": f"{service}.{topic.name}"}
    return {"bindings": {"kafka": {"groupId": group, "bindingVersion": KAFKA_BINDING}}}


def _message(event: type[Event]) -> dict[str, Any]:
    golden = example(event)
    return {
        "name": event.type,
        "title": event.__name__,
        "summary": _summary(event),
        "contentType": CONTENT_TYPE,
        "headers": {"$ref": "#/components/schemas/CloudEventHeaders"},
        "payload": {"$ref": f"#/components/schemas/{event.__name__}"},
        "bindings": {"kafka": {"key": {"type": "string", "format": "uuid"}, "bindingVersion": KAFKA_BINDING}},
        "examples": [{"name": "golden", "headers": golden["headers"], "payload": golden["body"]}],
    }


def _schemas(events: Sequence[type[Event]]) -> dict[str, Any]:
    _, schemas = models_json_schema(
        [(event, "validation") for event in events], ref_template="#/components/schemas/{model}"
    )
    found: dict[str, Any] = schemas["$defs"]
    return found


def _summary(event: type[Event]) -> str:
    return (getdoc(event) or "").partition("\n")[0]


def _table_row(topic: Topic) -> str:
    groups = ", ".join(f"`{service}.{topic.name}`" for service in topic.consumers) or "none"
    names = ", ".join(_short_names(topic))
    return (
        f"| `{topic.full_name()}` | {topic.key} | {topic.producer} | {groups} | {topic.partitions}"
        f" | {topic.retention.days} days | {names} |"
    )


def _short_names(topic: Topic) -> Iterator[str]:
    for event in topic.events:
        yield event.type.split(".", 1)[1].rsplit(".", 1)[0].replace(".", " ").replace("-", " ")


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main())
