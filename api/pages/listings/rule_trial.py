"""Trying out who can come: a made-up person, held against the rule of a form. Nothing is kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from api.eligibility_words import choice_words, limit_words
from api.languages import Language
from api.languages import marked as _
from api.pages.listings.groups import Data, plain
from api.pages.listings.rule_rows import NOT_A_NUMBER, UNKNOWN_COUNTY, in_plain_words
from api.pages.listings.rules import ABOUT
from api.typed_values import read_county, read_number
from directory.eligibility import Facts, Verdict, conditions_in, judge
from directory.eligibility_facts import FACTS, Fact, Kind
from directory.eligibility_rules import Condition, Rule
from directory.errors import FieldError, InvalidError
from directory.known_facts import facts_to_ask, read_facts

#: What stands for "none of these" among the boxes, and how people write that they have none.
NONE: Final = "none-of-these"
_NONE_WORDS: Final = ("none", "no", "ninguno", "ninguna")

_NUMBERS: Final = (Kind.NUMBER, Kind.WHOLE, Kind.NUMBERS)

#: What to type, where that is not plain from the name of the field.
_HINTS: Final = {
    "age": _("Such as 34 or 6 months."),
    "children_ages": _("With commas between them, such as 3, 7. If there are none: none."),
    "county": _("Such as Ingham County, MI."),
    "income_month": _("Such as $1,500."),
}


@dataclass(frozen=True, slots=True)
class Ask:
    """A field of the trial: a text, one choice (``"choice"``) or boxes to tick (``"ticks"``)."""

    name: str
    label: str
    sort: str
    hint: str
    options: tuple[tuple[str, str], ...]
    typed: Any


def asks_of(rule: Rule, sent: Data, language: Language) -> Iterator[Ask]:
    """Yield a field for each fact that a rule rests on, as it was filled in."""
    translate = language.translate
    for name in _facts_of(rule):
        fact = FACTS[name]
        sort = "text"
        if fact.kind in (Kind.FLAG, Kind.CHOICE):
            sort = "choice"
        elif fact.kind in (Kind.CHOICES, Kind.PATTERNS):
            sort = "ticks"
        yield Ask(
            name=f"try-{name}",
            label=translate(ABOUT[name]),
            sort=sort,
            hint=translate(_HINTS[name]) if name in _HINTS else "",
            options=tuple(_options(name, fact, rule, language)),
            typed=_ticked(sent, name) if sort == "ticks" else plain(sent.get(f"try-{name}")),
        )


def _facts_of(rule: Rule) -> tuple[str, ...]:
    return facts_to_ask((each.fact for each in conditions_in(rule)), {})


def _options(name: str, fact: Fact, rule: Rule, language: Language) -> Iterator[tuple[str, str]]:
    """Yield what can be chosen; of lists only what the rule speaks of, or none of that."""
    translate = language.translate
    if fact.kind is Kind.FLAG:
        yield from (("", translate("Not said")), ("yes", translate("yes")), ("no", translate("no")))
    elif fact.kind is Kind.CHOICE:
        yield "", translate("Not said")
        for each in fact.choices:
            yield each, choice_words(name, each, language)
    elif fact.kind in (Kind.CHOICES, Kind.PATTERNS):
        spoken_of = (each.test for each in conditions_in(rule) if each.fact == name)
        for value in dict.fromkeys(spoken_of):
            if isinstance(value, str):
                yield value, choice_words(name, value, language)
        yield NONE, translate("None of these")


def _ticked(sent: Data, name: str) -> list[str]:
    given = sent.get(f"try-{name}") or []
    return [plain(each) for each in (given if isinstance(given, list) else [given])]


def try_rule(rule: Rule, sent: Data, language: Language, *, state: str | None, on: date) -> str:
    """Say whether a rule lets somebody in. Raises ``InvalidError`` naming fields of the trial.

    ``state`` and ``on`` say which poverty line counts, as in ``read_facts``.
    """
    facts = _read(rule, sent, state=state, on=on)
    judgement, translate = judge(rule, facts), language.translate
    if judgement.verdict is Verdict.ELIGIBLE:
        return translate("It is for this person.")
    if judgement.verdict is Verdict.NEEDS_MORE:
        wanted = facts_to_ask(judgement.ask, facts)
        names = "; ".join(translate(ABOUT[name]) for name in wanted)
        return translate("It depends on more: {facts}").format(facts=names)
    limits = _limits(judgement.because, language, facts)
    if len(limits) == 1:
        return translate("It is not for this person: {limit}").format(limit=limits[0])
    return translate("It is not for this person. It takes one of these: {limits}").format(
        limits="; ".join(limits)
    )


def _limits(because: tuple[Condition, ...], language: Language, facts: Facts) -> list[str]:
    return [limit_words(each, language, facts=facts) for each in because]


def _read(rule: Rule, sent: Data, *, state: str | None, on: date) -> Facts:
    told: dict[str, Any] = {}
    mistakes: list[FieldError] = []
    for name in _facts_of(rule):
        try:
            told[name] = _told(name, FACTS[name], sent)
        except ValueError as error:
            mistakes.append(FieldError(f"try-{name}", str(error)))
    try:
        facts = read_facts(told, state=state, on=on)
    except InvalidError as error:
        mistakes += [_beside(at.split(".")[1], said) for at, said in error.errors]
    if mistakes:
        raise InvalidError(mistakes)
    return facts


def _beside(name: str, said: str) -> FieldError:
    return FieldError(f"try-{name}", in_plain_words(name, said))


def _told(name: str, fact: Fact, sent: Data) -> Any:
    """Return what was told of a fact; None is nothing. Raises ``ValueError`` saying what helps."""
    if fact.kind in (Kind.CHOICES, Kind.PATTERNS):
        ticked = _ticked(sent, name)
        return [each for each in ticked if each != NONE] if ticked else None
    text = plain(sent.get(f"try-{name}"))
    return _told_in_words(name, fact, text) if text else None


def _told_in_words(name: str, fact: Fact, text: str) -> Any:
    if fact.kind is Kind.NUMBERS:
        parts = [] if text.casefold() in _NONE_WORDS else text.split(",")
        return [_number(name, part.strip()) for part in parts]
    if fact.kind in _NUMBERS:
        return _number(name, text)
    if fact.kind is Kind.FLAG:
        return {"yes": True, "no": False}.get(text)
    return _county(text) if name == "county" else text


def _number(name: str, text: str) -> float:
    number = read_number(name, text)
    if number is None:
        raise ValueError(NOT_A_NUMBER[name])
    return number


def _county(text: str) -> str:
    county = read_county(text)
    if county is None:
        raise ValueError(UNKNOWN_COUNTY)
    return county
