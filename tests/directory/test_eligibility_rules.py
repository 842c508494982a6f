import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from directory.eligibility_facts import FACTS, OPERATORS, Fact, Kind
from directory.eligibility_rules import (
    MOST_DEEP,
    MOST_PARTS,
    Condition,
    Group,
    Range,
    as_json,
    canonical,
    parse_rule,
    rule_from_ages,
)
from directory.eligibility_schema import json_schema
from directory.errors import InvalidError

VALIDATOR = Draft202012Validator(json_schema())
ADULT = {"fact": "age", "at_least": 18}
VETERAN = {"fact": "veteran", "is": True}


def mistakes(value: Any) -> dict[str, str]:
    with pytest.raises(InvalidError) as refused:
        parse_rule(value)
    return dict(refused.value.errors)


def accepts(value: Any) -> bool:
    try:
        parse_rule(value)
    except InvalidError:
        return False
    return True


def nested(depth: int, inside: Any = None) -> Any:
    """Groups of alternating kind in each other, ``depth`` deep with the condition."""
    rule = ADULT if inside is None else inside
    for n in range(depth - 1):
        rule = {("all", "any")[n % 2]: [VETERAN, rule]}
    return rule


def test_a_rule_is_read_into_a_tree() -> None:
    rule = parse_rule(
        {"all": [ADULT, {"any": [VETERAN, {"fact": "zip", "one_of": ["48933", "48910"]}]}]}
    )

    assert rule == Group(
        "all",
        (
            Condition("age", Range(18)),
            Group(
                "any", (Condition("veteran", test=True), Condition("zip", ("48910", "48933")))
            ),
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    "value",
    [
        ADULT,
        {"fact": "age", "at_least": 0.5, "at_most": 17},
        {"fact": "household_size", "at_most": 4},
        {"fact": "county", "is": "MI:Ingham County"},
        {"fact": "county", "is": "MO:St. Louis"},
        {"fact": "languages", "has": "es"},
        {"fact": "documents", "has": "photo-id"},
        {"fact": "children_ages", "has": {"at_most": 5}},
        {"fact": "housing", "one_of": ["shelter", "unsheltered"]},
        nested(MOST_DEEP),
    ],
)
def test_canonical_rules_come_out_as_they_went_in(value: Any) -> None:
    assert as_json(parse_rule(value)) == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"all": [ADULT]}, ADULT),
        ({"all": [{"all": [ADULT, VETERAN]}, ADULT]}, {"all": [ADULT, VETERAN]}),
        ({"any": [{"all": [{"any": [ADULT]}]}, VETERAN]}, {"any": [ADULT, VETERAN]}),
        ({"fact": "zip", "one_of": ["48933", "48933"]}, {"fact": "zip", "is": "48933"}),
        ({"at_least": 18.0, "fact": "age"}, ADULT),
    ],
)
def test_what_says_the_same_gets_the_same_form(value: Any, expected: Any) -> None:
    found = as_json(parse_rule(value))

    assert found == expected
    assert json.dumps(found) == json.dumps(expected)  # 18, not 18.0, and keys in their order


@pytest.mark.parametrize(
    ("value", "path", "words"),
    [
        (None, "", 'a condition with a "fact"'),
        ([ADULT], "", 'a condition with a "fact"'),
        ({}, "", 'a condition with a "fact"'),
        ({"all": []}, ".all", "at least one"),
        ({"any": ADULT}, ".any", "Give a list"),
        ({"all": [ADULT], "any": [ADULT]}, ".any", "Leave this out: here is only all."),
        ({"all": [ADULT, {"any": [VETERAN, 7]}]}, ".all.1.any.1", "a condition"),
        ({"fact": "immigration_status", "is": "x"}, ".fact", "Give one of: age,"),
        ({"fact": ["age"], "at_least": 1}, ".fact", "Give one of"),
        ({"fact": "age"}, "", "at_least or at_most"),
        ({"fact": "age", "is": 18}, ".is", "here is only fact, at_least or at_most."),
        ({"fact": "age", "at_least": "18"}, ".at_least", "a number from 0 to 150"),
        ({"fact": "age", "at_least": True}, ".at_least", "a number from 0 to 150"),
        ({"fact": "age", "at_least": float("nan")}, ".at_least", "a number from 0 to 150"),
        ({"fact": "age", "at_most": 151}, ".at_most", "a number from 0 to 150"),
        ({"fact": "age", "at_least": 65, "at_most": 18}, ".at_most", "nobody fits"),
        ({"fact": "household_size", "at_most": 2.5}, ".at_most", "a whole number from 1"),
        ({"fact": "veteran", "is": "yes"}, ".is", "true or false"),
        ({"fact": "zip", "is": "48933\n"}, ".is", 'in the form of "48933"'),
        ({"fact": "zip", "is": "४८९३३"}, ".is", 'in the form of "48933"'),
        ({"fact": "zip", "one_of": []}, ".one_of", "a list of 1 to 100"),
        ({"fact": "zip", "one_of": ["48933", 48933]}, ".one_of.1", "in the form of"),
        ({"fact": "zip", "one_of": ["48933"], "is": "48933"}, "", "only one of is and one_of"),
        ({"fact": "housing", "is": "castle"}, ".is", "Give one of: unsheltered,"),
        ({"fact": "languages", "has": ["es"]}, ".has", 'in the form of "es"'),
        ({"fact": "children_ages", "has": 5}, ".has", "Give a range"),
        ({"fact": "children_ages", "has": {}}, ".has", "Give a range"),
        ({"fact": "children_ages", "has": {"at_most": 5, "x": 1}}, ".has.x", "Leave this out"),
        (
            {"fact": "children_ages", "has": {"at_least": 6, "at_most": 5}},
            ".has.at_most",
            "nobody fits",
        ),
        ({"all": [ADULT] * MOST_PARTS}, "", "at most 100 parts"),
        (nested(MOST_DEEP + 1), ".any.1.all.1.any.1.all.1.any.1.all.1.any.1.all.1", "8 deep"),
    ],
)
def test_a_mistake_is_named_by_its_path(value: Any, path: str, words: str) -> None:
    found = mistakes(value)

    assert words in found[f"eligibility_rule{path}"]


def test_every_mistake_is_named_at_once() -> None:
    assert mistakes({"all": [{"fact": "age", "at_least": -1}, {"fact": "shoe_size"}]}).keys() == {
        "eligibility_rule.all.0.at_least",
        "eligibility_rule.all.1.fact",
    }


def test_a_hostile_rule_is_refused_briefly() -> None:
    deep: Any = ADULT
    for _ in range(200_000):
        deep = {"all": [deep]}
    wide = {"all": [{"fact": "x" * 10_000}] * 1_000_000}
    keys = {**ADULT, **{f"k{n}" * 1000: n for n in range(10_000)}}

    found = [mistakes(value) for value in (deep, wide, keys)]

    assert all(len(str(each)) < 20_000 for each in found)
    while "all" in deep:  # taken apart, as Python cannot let go of it in one piece
        deep = deep["all"][0]


@pytest.mark.parametrize(
    ("youngest", "oldest", "expected"),
    [
        (18, None, ADULT),
        (18.0, 64.0, {"fact": "age", "at_least": 18, "at_most": 64}),
        (0, 5, {"fact": "age", "at_most": 5}),
        (None, 0, {"fact": "age", "at_most": 0}),
        (0.5, None, {"fact": "age", "at_least": 0.5}),
    ],
)
def test_the_ages_of_a_service_make_a_rule(
    youngest: float | None, oldest: float | None, expected: Any
) -> None:
    rule = rule_from_ages(youngest, oldest)

    assert rule is not None
    assert as_json(rule) == expected
    assert parse_rule(as_json(rule)) == rule


@pytest.mark.parametrize(
    ("youngest", "oldest"),
    [
        *((None, None), (0, None), (0, 200), (None, 999), (0, 120)),
        *((65, 18), (-1, -5), (500, None), (float("nan"), None), (float("inf"), None)),
    ],
)
def test_ages_without_a_limit_or_sense_make_no_rule(
    youngest: float | None, oldest: float | None
) -> None:
    assert rule_from_ages(youngest, oldest) is None


# -------------------------------------------------------------------------------- properties


def values_of(fact: Fact) -> st.SearchStrategy[Any]:
    if fact.kind is Kind.FLAG:
        return st.booleans()
    if fact.choices:
        return st.sampled_from(fact.choices)
    return st.from_regex(fact.pattern, fullmatch=True, alphabet=st.characters(codec="ascii"))


def ranges_of(fact: Fact) -> st.SearchStrategy[dict[str, float]]:
    whole = st.integers(fact.low, fact.high)
    number = whole | whole.map(float)
    if fact.kind is not Kind.WHOLE:
        number |= st.floats(fact.low, fact.high)
    limits = st.fixed_dictionaries({}, optional={"at_least": number, "at_most": number})
    return limits.filter(bool).map(
        lambda each: (
            dict(zip(each, sorted(each.values()), strict=True))
            if len(each) == 1
            else {"at_least": min(each.values()), "at_most": max(each.values())}
        )
    )


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    name = draw(st.sampled_from(sorted(FACTS)))
    fact = FACTS[name]
    if fact.kind in (Kind.NUMBER, Kind.WHOLE):
        return {"fact": name, **draw(ranges_of(fact))}
    if fact.kind is Kind.NUMBERS:
        return {"fact": name, "has": draw(ranges_of(fact))}
    operator = draw(st.sampled_from(OPERATORS[fact.kind]))
    values = values_of(fact)
    if operator == "one_of":
        return {"fact": name, operator: draw(st.lists(values, min_size=1, max_size=4))}
    return {"fact": name, operator: draw(values)}


RULES = st.recursive(
    conditions(),
    lambda inner: st.dictionaries(
        st.sampled_from(["all", "any"]),
        st.lists(inner, min_size=1, max_size=4),
        min_size=1,
        max_size=1,
    ),
    max_leaves=25,
)

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
    | st.sampled_from(["es", "48933", "shelter", 17, 18.5, 0]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["all", "any", "fact", "is", "has", "one_of", "at_least", "x"]), inner,
        max_size=3,
    ),
    max_leaves=6,
)  # fmt: skip


@st.composite
def nearly_rules(draw: st.DrawFn) -> Any:
    """A rule in which a few things are put, taken away or exchanged for others."""
    rule: Any = copy.deepcopy(draw(RULES))
    for _ in range(draw(st.integers(0, 3))):
        rule = change(draw, rule)
    return rule


def change(draw: st.DrawFn, part: Any) -> Any:
    if isinstance(part, (dict, list)) and part and draw(st.integers(0, 3)):
        key = draw(st.sampled_from(range(len(part)) if isinstance(part, list) else sorted(part)))
        if draw(st.integers(0, 9)):
            part[key] = change(draw, part[key])
        else:
            del part[key]
        return part
    if isinstance(part, dict) and draw(st.booleans()):
        keys = ["all", "any", "fact", "is", "has", "one_of", "at_least", "at_most", "x"]
        part[draw(st.sampled_from(keys))] = draw(JUNK)
        return part
    if isinstance(part, str) and draw(st.booleans()):
        return draw(st.sampled_from([*FACTS, "es", "48933", "shelter", part + "\n", part + " "]))
    return draw(JUNK | RULES)


def parts_of(value: Any) -> int:
    if not isinstance(value, dict):
        return 1
    inner = value.get("all", value.get("any"))
    return 1 + sum(map(parts_of, inner)) if isinstance(inner, list) else 1


def in_order(value: Any) -> bool:
    """Whether no most is below its least: what a schema cannot say."""
    if isinstance(value, list):
        return all(map(in_order, value))
    if not isinstance(value, dict):
        return True
    least, most = value.get("at_least"), value.get("at_most")
    numbers = all(isinstance(n, (int, float)) for n in (least, most))
    return not (numbers and least > most) and all(map(in_order, value.values()))  # type: ignore[operator]


def schema_accepts(value: Any) -> bool:
    return VALIDATOR.is_valid(value) and parts_of(value) <= MOST_PARTS and in_order(value)


@given(value=RULES)
def test_every_rule_of_the_grammar_is_taken_by_both(value: Any) -> None:
    assert accepts(value) == VALIDATOR.is_valid(value)
    assert accepts(value) or depth_of(value) > MOST_DEEP


def depth_of(value: Any) -> int:
    inner = value.get("all", value.get("any"))
    return 1 + max(map(depth_of, inner)) if inner else 1


@given(value=nearly_rules() | JUNK)
def test_the_schema_takes_exactly_what_is_parsed(value: Any) -> None:
    assert accepts(value) == schema_accepts(value)


@given(value=RULES)
def test_the_canonical_form_is_stable_and_survives_being_stored(value: Any) -> None:
    if not accepts(value):
        return
    rule = parse_rule(value)
    stored = json.loads(json.dumps(as_json(rule)))

    assert canonical(rule) == rule
    assert parse_rule(stored) == rule
    assert as_json(parse_rule(stored)) == stored
    assert VALIDATOR.is_valid(stored)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(json_schema())


def test_nobody_is_asked_where_they_may_be() -> None:
    words = json.dumps({name: [fact.meaning, *fact.choices] for name, fact in FACTS.items()})

    assert not any(word in words.casefold() for word in ("immigra", "citizen", "visa", "alien"))
