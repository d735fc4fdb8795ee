"""JSON Schema, just the words that the schemas of this project use: any other word is an error,
never passed over."""

import json
import re
from typing import Any

TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool,
         "number": (int, float), "null": type(None)}
SILENT = {"$schema", "$defs", "title", "description", "then", "else"}


class SchemaError(Exception):
    """The schema itself says something that is not understood here."""


def same(a: Any, b: Any) -> bool:
    """Equal as JSON has it: true is not 1."""
    return type(a) is type(b) and a == b


def is_type(value: Any, name: str | list[str]) -> bool:
    if isinstance(name, list):
        return any(is_type(value, one) for one in name)
    return isinstance(value, TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


class Schema:
    def __init__(self, root: dict):
        self.root = root

    def faults(self, value: Any, schema: Any = None, where: str = "") -> list[str]:
        """What is wrong with value, each with its place; nothing when it is as the schema says."""
        schema = self.root if schema is None else schema
        if schema is False:
            return [f"{where}: stands where it may not"]
        if "type" in schema and not is_type(value, schema["type"]):
            return [f"{where or '/'}: expected {schema['type']}, got {show(value)}"]
        if value is None and "type" in schema:
            return []  # the other words are about values that are there
        found: list[str] = []
        for word in schema:
            if word in SILENT:
                continue
            rule = getattr(self, "rule_" + word.lstrip("$"), None)
            if rule is None:
                raise SchemaError(f"unknown word {word!r} in the schema")
            found += rule(schema, value, where)
        return found

    def ok(self, value: Any, schema: dict) -> bool:
        return not self.faults(value, schema)

    def rule_type(self, schema: dict, value: Any, where: str) -> list[str]:
        return []  # judged first, since the rest depends on it

    def rule_ref(self, schema: dict, value: Any, where: str) -> list[str]:
        node: Any = self.root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            node = node[step]
        return self.faults(value, node, where)

    def rule_const(self, schema: dict, value: Any, where: str) -> list[str]:
        if same(value, schema["const"]):
            return []
        return [f"{where}: expected {show(schema['const'])}, got {show(value)}"]

    def rule_enum(self, schema: dict, value: Any, where: str) -> list[str]:
        if any(same(value, choice) for choice in schema["enum"]):
            return []
        return [f"{where}: expected one of {schema['enum']}, got {show(value)}"]

    def rule_pattern(self, schema: dict, value: Any, where: str) -> list[str]:
        anchored = re.fullmatch(r"\^(.*)\$", schema["pattern"])
        if not anchored:
            raise SchemaError(f"pattern without ^ and $: {schema['pattern']}")
        if not isinstance(value, str) or re.fullmatch(anchored[1], value):
            return []
        return [f"{where}: expected {schema['pattern']}, got {show(value)}"]

    def rule_minimum(self, schema: dict, value: Any, where: str) -> list[str]:
        least = schema["minimum"]
        return [f"{where}: {value} is under {least}"] if value < least else []

    def rule_maximum(self, schema: dict, value: Any, where: str) -> list[str]:
        most = schema["maximum"]
        return [f"{where}: {value} is over {most}"] if value > most else []

    def rule_minLength(self, schema: dict, value: Any, where: str) -> list[str]:
        return [f"{where}: too short"] if len(value) < schema["minLength"] else []

    def rule_minItems(self, schema: dict, value: Any, where: str) -> list[str]:
        return [f"{where}: too few items"] if len(value) < schema["minItems"] else []

    def rule_uniqueItems(self, schema: dict, value: Any, where: str) -> list[str]:
        texts = [json.dumps(item, sort_keys=True) for item in value]
        return [f"{where}: an item stands twice"] if len(set(texts)) < len(texts) else []

    def rule_items(self, schema: dict, value: Any, where: str) -> list[str]:
        return [fault for i, item in enumerate(value)
                for fault in self.faults(item, schema["items"], f"{where}/{place(i, item)}")]

    def rule_minProperties(self, schema: dict, value: Any, where: str) -> list[str]:
        return [f"{where}: too few properties"] if len(value) < schema["minProperties"] else []

    def rule_required(self, schema: dict, value: Any, where: str) -> list[str]:
        return [f"{where}: lacks {name!r}" for name in schema["required"] if name not in value]

    def rule_propertyNames(self, schema: dict, value: Any, where: str) -> list[str]:
        return [fault for name in value
                for fault in self.faults(name, schema["propertyNames"], f"{where}/{name}")]

    def rule_properties(self, schema: dict, value: Any, where: str) -> list[str]:
        return [fault for name, rule in schema["properties"].items() if name in value
                for fault in self.faults(value[name], rule, f"{where}/{name}")]

    def rule_additionalProperties(self, schema: dict, value: Any, where: str) -> list[str]:
        more = [name for name in value if name not in schema.get("properties", {})]
        if schema["additionalProperties"] is False:
            return [f"{where}: unknown property {name!r}" for name in more]
        return [fault for name in more
                for fault in self.faults(value[name], schema["additionalProperties"],
                                         f"{where}/{name}")]

    def rule_allOf(self, schema: dict, value: Any, where: str) -> list[str]:
        return [fault for part in schema["allOf"] for fault in self.faults(value, part, where)]

    def rule_if(self, schema: dict, value: Any, where: str) -> list[str]:
        branch = "then" if self.ok(value, schema["if"]) else "else"
        return self.faults(value, schema[branch], where) if branch in schema else []


def show(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."


def place(index: int, item: Any) -> str:
    """An item by its id if it has one, else by its place from 0."""
    return item["id"] if isinstance(item, dict) and isinstance(item.get("id"), str) else str(index)
