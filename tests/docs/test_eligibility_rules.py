"""The reference of eligibility rules is made from the code, and its examples are rules."""

import json
import re

from directory.eligibility_facts import FACTS, OPERATORS, Fact, Kind
from directory.eligibility_rules import MOST_DEEP, MOST_PARTS, as_json, parse_rule
from tests.docs.test_reference import REFERENCE, expect

EXAMPLE = {
    "all": [
        {"fact": "age", "at_least": 18},
        {"any": [{"fact": "county", "is": "MI:Ingham County"}, {"fact": "zip", "is": "48933"}]},
        {
            "any": [
                {"fact": "veteran", "is": True},
                {"fact": "income_poverty_percent", "at_most": 200},
                {"fact": "children_ages", "has": {"at_most": 5}},
            ]
        },
    ]
}

HEAD = f"""# Eligibility rules

A service may have a machine-readable rule beside the agency's own words
(`openings.eligibility_rule` of our HSDS profile). It is JSON: a **condition** on one fact, or a
**group** of which `all` or `any` must hold.

```json
{json.dumps(EXAMPLE, indent=2)}
```

- Groups may lie in groups, {MOST_DEEP} deep with the condition; a rule has at most {MOST_PARTS}
  parts.
- `at_least` and `at_most` include the number itself and may stand together; every other condition
  stands alone. `at_most` is never below `at_least`.
- Every mistake is named by its path, such as `eligibility_rule.all.0.at_least`.
- A rule is kept in one form: a group in one of its own kind is dissolved, a group of one part is
  that part, nothing is said twice. The order stays the author's: questions are asked in it.
- `/hsds/schema/eligibility_rule.json` is the same grammar as JSON Schema (2020-12).
- Without a rule, `minimum_age` and `maximum_age` of HSDS make one; 0 to 200 limits nobody.
- Immigration status is not a fact here, so no rule can ask for it.

## Facts

| fact | what it is | conditions | values |
|---|---|---|---|
"""


def values(fact: Fact) -> str:
    if fact.choices:
        return ", ".join(f"`{choice}`" for choice in fact.choices)
    if fact.pattern:
        return f"such as `{fact.example}`"
    if fact.kind is Kind.FLAG:
        return "`true`, `false`"
    numbers = f"{fact.low} to {fact.high:,}"
    return f"`at_least`, `at_most`: {numbers}" if fact.kind is Kind.NUMBERS else numbers


def test_every_fact_is_in_the_reference() -> None:
    rows = [
        f"| `{name}` | {fact.meaning} | {', '.join(f'`{each}`' for each in OPERATORS[fact.kind])} "
        f"| {values(fact)} |"
        for name, fact in FACTS.items()
    ]
    expect("eligibility-rules.md", HEAD + "\n".join(rows) + "\n")


def test_the_example_is_a_rule_in_its_one_form() -> None:
    page = (REFERENCE / "eligibility-rules.md").read_text()
    (block,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)

    assert as_json(parse_rule(json.loads(block))) == json.loads(block)
