"""The rows of a form that say who can come, made of a rule's conditions and back into them.

A row is about one fact and is typed as people write: "$2,000", "200%", "6 months", "Ingham
County, MI". One of what is ticked or listed in a row is enough.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, TypedDict

from api.eligibility_words import county_words
from api.languages import marked as _
from api.typed_values import read_county, read_number, written_number
from directory.eligibility_facts import FACTS, Kind
from directory.eligibility_rules import Condition, Group, Range, Rule, parse_rule
from directory.errors import FieldError, InvalidError


class Row(TypedDict):
    """What somebody typed of one fact; what such a row has no field for is empty."""

    fact: str
    least: str
    most: str
    flag: str
    text: str
    choices: list[str]


class Sort(StrEnum):
    """Which fields a row has."""

    RANGE = "range"
    FLAG = "flag"
    CHOICES = "choices"
    LIST = "list"


_SORTS: Final[Mapping[Kind, Sort]] = {
    Kind.NUMBER: Sort.RANGE,
    Kind.WHOLE: Sort.RANGE,
    Kind.NUMBERS: Sort.RANGE,
    Kind.FLAG: Sort.FLAG,
    Kind.CHOICE: Sort.CHOICES,
    Kind.CHOICES: Sort.CHOICES,
    Kind.PATTERNS: Sort.CHOICES,
    Kind.PATTERN: Sort.LIST,
}

#: Kinds of which a condition names one value, so that several make several conditions.
_ONE_EACH: Final = (Kind.CHOICES, Kind.PATTERNS)

CHOOSE_FACT: Final = _("Choose what this is about.")
GIVE_EITHER: Final = _("Fill in one of the two, or remove this.")
GIVE_LIST: Final = _("Fill this in, or remove it.")
TICK_ONE: Final = _("Tick at least one, or remove this.")
CHOOSE_ONE: Final = _("Choose one of the two.")
UNKNOWN_COUNTY: Final = _("We do not know this county. Write it as “Ingham County, MI”.")
BAD_ZIP: Final = _("Give ZIP codes of five digits, such as 48933.")
NOT_LISTED: Final = _("Choose from the list.")
NOT_A_NUMBER: Final[Mapping[str, str]] = {
    "age": _("Give an age such as 18 or 6 months."),
    "children_ages": _("Give an age such as 18 or 6 months."),
    "household_size": _("Give a number such as 4."),
    "income_month": _("Give an amount such as $2,000 or 1,500.50."),
    "income_poverty_percent": _("Give a percentage such as 200%."),
}


def sort_of(fact: str) -> Sort | None:
    """Return which fields a row about a fact has; None for what is no fact."""
    return _SORTS[FACTS[fact].kind] if fact in FACTS else None


def new_row(fact: str) -> Row:
    """Return an empty row; a yes-or-no fact is added to say yes."""
    flag = "yes" if sort_of(fact) is Sort.FLAG else ""
    return Row(fact=fact, least="", most="", flag=flag, text="", choices=[])


def in_order(fact: str, choices: Collection[str]) -> list[str]:
    """Return choices in the order of the form, each once."""
    listed = FACTS[fact].choices if fact in FACTS else ()
    known = [each for each in listed if each in choices]
    return [*known, *sorted({*choices} - {*known})]


# ---------------------------------------------------------------------------- from a rule to rows


def rows_of(rule: Rule) -> tuple[list[Row], list[Row]] | None:
    """Return the rows of which all, and of which any, must fit; None where a rule is not so.

    A list of either fits into the form, and one group of alternatives beside the conditions.
    """
    parts = rule.parts if isinstance(rule, Group) and rule.kind == "all" else (rule,)
    rows = [(part, _row(part)) for part in parts]
    others = [part for part, row in rows if row is None]
    if not others:
        return [row for _, row in rows if row is not None], []
    any_of = others[0]
    if len(others) > 1 or not isinstance(any_of, Group):
        return None
    alternatives = list(_alternatives(any_of))
    if any(row is None for row in alternatives):
        return None
    return (
        [row for _, row in rows if row is not None],
        [row for row in alternatives if row is not None],
    )


def _row(part: Rule) -> Row | None:
    """Return the row of a condition, or of alternatives that are ticks of one row."""
    if isinstance(part, Condition):
        return _row_of(part)
    if not _is_one_row(part.parts):
        return None
    return _row_of(*(each for each in part.parts if isinstance(each, Condition)))


def _is_one_row(parts: Sequence[Rule]) -> bool:
    conditions = [part for part in parts if isinstance(part, Condition)]
    facts = {each.fact for each in conditions}
    if len(conditions) < len(parts) or len(facts) != 1:
        return False
    (fact,) = facts
    values = [each.test for each in conditions if isinstance(each.test, str)]
    return FACTS[fact].kind in _ONE_EACH and values == in_order(fact, values)


def _alternatives(group: Group) -> Iterator[Row | None]:
    """Yield the rows of alternatives; neighbours that are ticks of one row share it."""
    run: list[Condition] = []
    for part in group.parts:
        if isinstance(part, Condition) and run and _is_one_row([*run, part]):
            run.append(part)
            continue
        if run:
            yield _row_of(*run)
        run = [part] if isinstance(part, Condition) else []
        if not run:
            yield None
    if run:
        yield _row_of(*run)


def _row_of(*conditions: Condition) -> Row:
    fact, test = conditions[0].fact, conditions[0].test
    row = new_row(fact)
    if isinstance(test, Range):
        row["least"], row["most"] = (
            "" if limit is None else written_number(fact, limit)
            for limit in (test.at_least, test.at_most)
        )
    elif isinstance(test, bool):
        row["flag"] = "yes" if test else "no"
    elif sort_of(fact) is Sort.LIST and isinstance(test, tuple):
        row["text"] = _listed(fact, test)
    elif isinstance(test, tuple):
        row["choices"] = in_order(fact, test)
    else:
        row["choices"] = [each.test for each in conditions if isinstance(each.test, str)]
    return row


def _listed(fact: str, values: Sequence[str]) -> str:
    return "\n".join(map(county_words, values)) if fact == "county" else ", ".join(values)


# ---------------------------------------------------------------------------- from rows to a rule


def rule_of(
    all_rows: Sequence[Row], any_rows: Sequence[Row], *, known: Collection[str] = ()
) -> Rule | None:
    """Return the rule that rows make, None where there are none.

    ``known`` are counties that may stay although we do not know them. Raises ``InvalidError``
    naming each mistake by its place on the form: ``rule.all.0.most``.
    """
    mistakes: list[FieldError] = []
    parts: list[dict[str, Any]] = []
    for n, row in enumerate(all_rows):
        made = _conditions(row, f"rule.all.{n}", known, mistakes)
        parts += made[:1] if len(made) == 1 else [{"any": made}]
    alternatives = [
        condition
        for n, row in enumerate(any_rows)
        for condition in _conditions(row, f"rule.any.{n}", known, mistakes)
    ]
    if mistakes:
        raise InvalidError(mistakes)
    if alternatives:
        parts.append({"any": alternatives})
    return parse_rule({"all": parts}, path="rule") if parts else None


def _conditions(
    row: Row, path: str, known: Collection[str], mistakes: list[FieldError]
) -> list[dict[str, Any]]:
    """Return the conditions of a row; what is wrong goes to ``mistakes``."""
    try:
        made = list(_CONDITIONS[sort](row, known)) if (sort := sort_of(row["fact"])) else []
        if not made:
            raise InvalidError.of("fact", CHOOSE_FACT)
        for condition in made:
            parse_rule(condition, path="condition")
    except InvalidError as error:
        mistakes += [
            FieldError(f"{path}.{_field(row, at)}", in_plain_words(row["fact"], said))
            for at, said in error.errors
        ]
        return []
    return made


#: How mistakes begin that speak of codes (``directory.fact_values``).
_OF_CODES: Final = ("Give one of:", "Give it in the form of")

_FIELDS: Final = {"at_least": "least", "at_most": "most"}
_FIRST: Final = {Sort.RANGE: "least", Sort.FLAG: "flag", Sort.CHOICES: "choices", Sort.LIST: "text"}


def _field(row: Row, path: str) -> str:
    """Return the field of a row that a path within its condition speaks of."""
    last = path.rpartition(".")[2]
    if last in (*_FIRST.values(), "most", "fact"):
        return last
    sort = sort_of(row["fact"])
    return _FIELDS.get(last) or (_FIRST[sort] if sort else "fact")


def in_plain_words(fact: str, said: str) -> str:
    """Return what is wrong with a value in words for people: they never saw a code."""
    if not said.startswith(_OF_CODES):
        return said
    return BAD_ZIP if fact == "zip" else NOT_LISTED


def _of_range(row: Row, _known: Collection[str]) -> Iterator[dict[str, Any]]:
    fact = row["fact"]
    if not row["least"] and not row["most"]:
        raise InvalidError.of("least", GIVE_EITHER)
    limits, mistakes = {}, []
    for field, name in (("least", "at_least"), ("most", "at_most")):
        if row[field]:  # type: ignore[literal-required]  # both are in Row
            number = read_number(fact, row[field])  # type: ignore[literal-required]
            if number is None:
                mistakes.append(FieldError(field, NOT_A_NUMBER[fact]))
            limits[name] = number
    if mistakes:
        raise InvalidError(mistakes)
    several = FACTS[fact].kind is Kind.NUMBERS
    yield {"fact": fact, "has": limits} if several else {"fact": fact, **limits}


def _of_flag(row: Row, _known: Collection[str]) -> Iterator[dict[str, Any]]:
    if row["flag"] not in ("yes", "no"):
        raise InvalidError.of("flag", CHOOSE_ONE)
    yield {"fact": row["fact"], "is": row["flag"] == "yes"}


def _of_choices(row: Row, _known: Collection[str]) -> Iterator[dict[str, Any]]:
    if not row["choices"]:
        raise InvalidError.of("choices", TICK_ONE)
    if FACTS[row["fact"]].kind in _ONE_EACH:
        yield from ({"fact": row["fact"], "has": each} for each in row["choices"])
    else:
        yield {"fact": row["fact"], "one_of": row["choices"]}


def _of_list(row: Row, known: Collection[str]) -> Iterator[dict[str, Any]]:
    if row["fact"] == "county":
        values = [read_county(line, known) for line in row["text"].split("\n") if line.strip()]
    else:
        values = [each for each in re.split(r"[\s,;]+", row["text"]) if each]
    if None in values:
        raise InvalidError.of("text", UNKNOWN_COUNTY)
    if not values:
        raise InvalidError.of("text", GIVE_LIST)
    yield {"fact": row["fact"], "one_of": values}


_CONDITIONS: Final = {
    Sort.RANGE: _of_range,
    Sort.FLAG: _of_flag,
    Sort.CHOICES: _of_choices,
    Sort.LIST: _of_list,
}
