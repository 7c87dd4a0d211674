"""Examples of answers, made of the very schemas that describe them: nobody has to keep them true."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_Described = Mapping[str, Any]

ID = "01931a2b-4c00-7000-8000-000000000001"
BY_FORMAT: Mapping[str, str] = {
    "uuid": ID,
    "date": "2027-03-12",
    "date-time": "2027-03-12T09:30:00Z",
    "time": "09:30:00",
}
BY_TYPE: Mapping[str, Any] = {"integer": 1, "number": 0.5, "boolean": False, "null": None}

TOLD_EVERYWHERE: Mapping[str, Any] = {
    "next": ID,
    "LinesAnswer.next": 4117,
    "position": 4117,
    "head": f"52:{'9c1f' * 16}",
    "role": "adviser",
    "route": "GET /api/v1/participants/{participant_id}",
    "what": "look",
    "kind": "participants",
    "why": None,
}
"""Values of what every service tells alike: parts of lists, and the audit."""


class Exemplifier:
    """Makes an example of whatever a document's schemas describe.

    ``values`` are those of fields by name, or by schema and name (``NeedAnswer.title``), where the type alone would say
    little. The fields of an answer that are also fields of a body (``NeedAnswer``, ``NeedBody``) are as in its example.
    """

    def __init__(self, schemas: Mapping[str, _Described], values: Mapping[str, Any]) -> None:
        self._schemas = schemas
        self._values = {**TOLD_EVERYWHERE, **values}
        self._bodies = {
            title.removesuffix("Body"): schema["examples"][0]
            for title, schema in schemas.items()
            if title.endswith("Body") and schema.get("examples")
        }

    def of(self, schema: _Described, name: str = "") -> Any:
        """An example of a schema, which stands under a name. Raises `LookupError` where nothing says what it holds."""
        if "$ref" in schema:
            return self.of(self._schemas[schema["$ref"].rpartition("/")[2]], name)
        if "const" in schema or "enum" in schema:
            return schema["const"] if "const" in schema else schema["enum"][0]
        if "anyOf" in schema:
            return self.of(schema["anyOf"][0], name)
        match schema.get("format", ""), schema.get("type", ""):
            case format_, _ if format_ in BY_FORMAT:
                return BY_FORMAT[format_]
            case _, "object":
                return self._object(schema, name)
            case _, "array":
                return [self.of(part, name) for part in schema.get("prefixItems") or [schema["items"]]]
            case _, type_ if type_ in BY_TYPE:
                return BY_TYPE[type_]
        raise LookupError(f"nothing says what {name} holds")

    def _object(self, schema: _Described, name: str) -> Any:
        if "properties" in schema:
            return {each: self._field(schema, each) for each in schema["properties"]}
        values = schema.get("additionalProperties")
        if not isinstance(values, Mapping) or not values or "propertyNames" not in schema:
            raise LookupError(f"nothing says what {name} holds")
        return {self.of(schema["propertyNames"], name): self.of(values, name)}

    def _field(self, schema: _Described, name: str) -> Any:
        title = schema.get("title", "")
        for known in (f"{title}.{name}", name):
            if known in self._values:
                return self._values[known]
        body = max((stem for stem in self._bodies if title.startswith(stem)), key=len, default="")
        if self._bodies.get(body, {}).get(name) is not None:
            return self._bodies[body][name]
        return self.of(schema["properties"][name], name)
