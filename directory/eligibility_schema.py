"""The grammar of eligibility rules as a JSON Schema, to be published."""

from typing import Any, Final

from directory.eligibility_facts import FACTS, OPERATORS, Fact, Kind
from directory.eligibility_rules import MOST_DEEP, MOST_PARTS

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def json_schema(at: str = "#") -> dict[str, Any]:
    """Return the schema of what ``parse_rule`` takes, to stand at a reference of a document.

    It says all but two things that JSON Schema cannot: how many parts a rule has in all, and
    that ``at_most`` is not below ``at_least``. Both are in its description.
    """
    levels = {f"rule_{depth}": _rule(depth, at) for depth in range(1, MOST_DEEP + 1)}
    return {
        "$schema": _DIALECT,
        "title": "Eligibility rule",
        "description": (
            f"All or any of some conditions on facts. At most {MOST_PARTS} parts in all; "
            "at_most is never below at_least."
        ),
        "$ref": f"{at}/$defs/rule_{MOST_DEEP}",
        "$defs": {**levels, "condition": _condition()},
    }


def _rule(depth: int, at: str) -> dict[str, Any]:
    """Describe a rule that is at most so deep: a condition, or a group of less deep ones."""
    condition = {"$ref": f"{at}/$defs/condition"}
    if depth == 1:
        return condition
    items = {"type": "array", "minItems": 1, "items": {"$ref": f"{at}/$defs/rule_{depth - 1}"}}
    groups = [_closed({kind: items}, [kind]) for kind in ("all", "any")]
    return {"oneOf": [condition, *groups]}


def _condition() -> dict[str, Any]:
    return {"oneOf": [each for name, fact in FACTS.items() for each in _conditions(name, fact)]}


def _conditions(name: str, fact: Fact) -> list[dict[str, Any]]:
    """Describe the conditions on one fact, each in a shape of its own."""
    of_fact = {"const": name, "description": fact.meaning}
    if fact.kind in (Kind.NUMBER, Kind.WHOLE):
        return [_range({"fact": of_fact}, fact)]
    values = {"is": _value(fact), "has": _value(fact), "one_of": _list(_value(fact))}
    return [
        _closed({"fact": of_fact, operator: values[operator]}, ["fact", operator])
        for operator in OPERATORS[fact.kind]
    ]


def _value(fact: Fact) -> dict[str, Any]:
    if fact.kind is Kind.FLAG:
        return {"type": "boolean"}
    if fact.kind is Kind.NUMBERS:
        return _range({}, fact)
    if fact.choices:
        return {"enum": list(fact.choices)}
    # Not "$": in some languages it also matches before a line feed at the end.
    whole = rf"^(?:{fact.pattern})(?![\s\S])"
    return {"type": "string", "pattern": whole, "examples": [fact.example]}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "maxItems": MOST_PARTS, "items": items}


def _range(others: dict[str, Any], fact: Fact) -> dict[str, Any]:
    kind = "integer" if fact.kind is Kind.WHOLE else "number"
    limit = {"type": kind, "minimum": fact.low, "maximum": fact.high}
    described = _closed({**others, "at_least": limit, "at_most": limit}, [*others])
    return {**described, "anyOf": [{"required": ["at_least"]}, {"required": ["at_most"]}]}


def _closed(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
