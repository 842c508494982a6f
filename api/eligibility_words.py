"""Whom a service is for, in words: the limits of a rule, what somebody told, and the verdict."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

from babel import Locale
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal

from api.languages import Language
from api.languages import marked as _
from directory.eligibility import Facts, Judgement, Known, Verdict
from directory.eligibility_rules import Condition, Range, Rule

#: What is asked for, as it stands in "That depends on: your age".
ASKED_FOR: Mapping[str, str] = {
    "age": _("your age"),
    "household_size": _("how many people you live with"),
    "income_month": _("your income"),
    "income_poverty_percent": _("your income"),
    "county": _("the county you live in"),
    "zip": _("the ZIP code you live in"),
    "languages": _("the languages you speak"),
    "veteran": _("if you have served in the armed forces"),
    "pregnant": _("if you are pregnant"),
    "children_ages": _("how old your children are"),
    "insurance": _("your health insurance"),
    "housing": _("where you live now"),
    "documents": _("the papers you have"),
}

#: The choices of facts, as they stand in a list.
CHOICES: Mapping[str, Mapping[str, str]] = {
    "housing": {
        "unsheltered": _("sleep outside or in a car"),
        "shelter": _("stay in a shelter"),
        "with-others": _("stay with friends or family"),
        "losing-home": _("are about to lose their home"),
        "renting": _("rent their home"),
        "owning": _("own their home"),
        "institution": _("are in a hospital, a jail or another institution"),
    },
    "insurance": {
        "none": _("no health insurance"),
        "medicaid": _("Medicaid"),
        "medicare": _("Medicare"),
        "chip": _("CHIP (for children)"),
        "va": _("VA health care"),
        "marketplace": _("a plan from the Marketplace"),
        "employer": _("insurance from work"),
    },
    "documents": {
        "photo-id": _("photo ID"),
        "birth-certificate": _("birth certificate"),
        "social-security-card": _("Social Security card"),
        "proof-of-address": _("proof of address"),
        "proof-of-income": _("proof of income"),
        "proof-of-pregnancy": _("proof of pregnancy"),
        "discharge-papers": _("military discharge papers"),
        "referral": _("referral"),
        "lease": _("lease"),
        "utility-bill": _("utility bill"),
        "eviction-notice": _("eviction notice"),
        "insurance-card": _("insurance card"),
    },
}

#: Younger than this, ages that are not whole years are told in months.
_YEARS_FROM = 3
MONTHS = 12

#: American Sign Language (ISO 639-3), which has a name in few lists of languages.
_SIGNED = "ase"

#: A range that ends later than this, in years, is told in years but for its youngest.
_MONTHS_UNTIL = 5


def verdict_words(judgement: Judgement, language: Language, *, facts: Facts) -> str:
    """Say whether it is for the person that was described, and why or what else to tell."""
    translate = language.translate
    if judgement.verdict is Verdict.NEEDS_MORE:
        wanted = [translate(ASKED_FOR[name]) for name in judgement.ask]
        return translate("That depends on: {facts}").format(facts=", ".join(wanted))
    if judgement.verdict is Verdict.ELIGIBLE:
        return translate("Fits what you told us")
    return refusal_words(judgement.because, language, facts=facts)


def refusal_words(because: Sequence[Condition], language: Language, *, facts: Facts) -> str:
    """Say for whom it is, where it is not for the person that was described."""
    translate = language.translate
    limits = [limit_words(each, language, facts=facts) for each in because]
    if len(limits) == 1:
        return translate("Not for you: {limit}").format(limit=limits[0])
    return translate("Not for you. It takes one of these: {limits}").format(
        limits="; ".join(limits)
    )


def limit_words(condition: Condition, language: Language, *, facts: Facts) -> str:
    """Say whom a condition lets in: ``"Age 18 and older"``.

    ``facts`` turn the poverty line into dollars, where the household and its income are known.
    """
    test, translate = condition.test, language.translate
    if isinstance(test, Range):
        return _range_words(condition.fact, test, language, facts=facts)
    if isinstance(test, bool):
        return translate(_FLAGS[condition.fact, test])
    one_of = test if isinstance(test, tuple) else (test,)
    texts = [choice_words(condition.fact, each, language) for each in one_of]
    return translate(_LISTS[condition.fact]).format(
        choices=format_list(texts, "or", _locale(language))
    )


def told_words(fact: str, known: Known, language: Language) -> str:
    """Say what somebody told: ``"17"``, ``"yes"``, ``"photo ID, lease"``."""
    translate = language.translate
    if isinstance(known, bool):
        return translate("yes") if known else translate("no")
    if isinstance(known, str):
        return choice_words(fact, known, language)
    if isinstance(known, frozenset):
        if not known:
            return translate("none")
        return ", ".join(choice_words(fact, each, language) for each in sorted(known))
    numbers = known if isinstance(known, tuple) else (known,)
    if not numbers:
        return translate("none")
    return ", ".join(_number_words(fact, each, language) for each in numbers)


def choice_words(fact: str, text: str, language: Language) -> str:
    """Say one value of a fact, as it stands in a list: ``"photo ID"``, ``"Spanish"``."""
    if fact in CHOICES:
        return language.translate(CHOICES[fact][text])
    if fact == "county":
        return county_words(text)
    if text == _SIGNED:
        return language.translate("American Sign Language")
    if fact == "languages":
        return str(_locale(language).languages.get(text, text))
    return text


class Said(NamedTuple):
    """A sentence, and those that it announces: ``"At least one of these:"``."""

    words: str
    parts: tuple["Said", ...] = ()


def rule_words(rule: Rule, language: Language) -> Said:
    """Say a whole rule, as sentences within sentences."""
    if isinstance(rule, Condition):
        return Said(limit_words(rule, language, facts={}))
    parts = tuple(rule_words(part, language) for part in rule.parts)
    return Said(language.translate(_GROUPS[rule.kind]), parts)


def rule_line(rule: Rule, language: Language) -> str:
    """Say a whole rule in one line: ``"all of these: (Age 18 and older; Up to ...)"``."""
    return _line(rule_words(rule, language))


def _line(said: Said) -> str:
    if not said.parts:
        return said.words
    return f"{said.words} ({'; '.join(map(_line, said.parts))})"


# -------------------------------------------------------------------------------------- pieces

_GROUPS: Mapping[str, str] = {
    "all": _("All of these:"),
    "any": _("At least one of these:"),
}

_FLAGS: Mapping[tuple[str, bool], str] = {
    ("veteran", True): _("People who have served in the armed forces"),
    ("veteran", False): _("People who have not served in the armed forces"),
    ("pregnant", True): _("People who are pregnant"),
    ("pregnant", False): _("People who are not pregnant"),
}

_LISTS: Mapping[str, str] = {
    "county": _("People who live in {choices}"),
    "zip": _("People who live in ZIP code {choices}"),
    "languages": _("People who speak {choices}"),
    "insurance": _("People with {choices}"),
    "housing": _("People who {choices}"),
    "documents": _("People who can show: {choices}"),
}

#: By fact: from a number to a number, from one on, up to one.
_RANGES: Mapping[str, tuple[str, str, str]] = {
    "age": (
        _("Age {least} to {most}"),
        _("Age {least} and older"),
        _("Up to age {most}"),
    ),
    "age in months": (
        _("{least} to {most} months old"),
        _("{least} months old and older"),
        _("Up to {most} months old"),
    ),
    "children_ages": (
        _("People with a child of age {least} to {most}"),
        _("People with a child of age {least} or older"),
        _("People with a child up to age {most}"),
    ),
    "household_size": (
        _("Households of {least} to {most} people"),
        _("Households of {least} or more people"),
        _("Households of up to {most} people"),
    ),
    "income_month": (
        _("Income from {least} to {most} a month"),
        _("Income of {least} or more a month"),
        _("Income up to {most} a month"),
    ),
    "income_poverty_percent": (
        _("Income from {least} to {most} of the poverty line"),
        _("Income of {least} or more of the poverty line"),
        _("Income up to {most} of the poverty line"),
    ),
}


def _range_words(fact: str, test: Range, language: Language, *, facts: Facts) -> str:
    in_months = (
        fact == "age"
        and any(map(_is_told_in_months, (test.at_least, test.at_most)))
        and (test.at_most or 0) <= _MONTHS_UNTIL
    )
    if in_months:
        test = Range(*(each and each * MONTHS for each in (test.at_least, test.at_most)))
    both, from_on, up_to = _RANGES["age in months" if in_months else fact]
    sentence = both if None not in (test.at_least, test.at_most) else from_on
    if test.at_least is None:
        sentence = up_to
    say = _years_words if fact == "age" and not in_months else partial(_number_words, fact)
    said = language.translate(sentence).format(
        least="" if test.at_least is None else say(test.at_least, language),
        most="" if test.at_most is None else say(test.at_most, language),
    )
    dollars = _dollars_of(fact, test, facts)
    if dollars is None:
        return said
    return language.translate("{limit} ({amount} a month for your household)").format(
        limit=said, amount=_money(dollars, language)
    )


def _years_words(years: float, language: Language) -> str:
    """Say an age among ages in years: ``"17"``, and ``"6 months"`` of the very young."""
    if not _is_told_in_months(years):
        return _number_words("age", years, language)
    count = _number_words("age", years * MONTHS, language)
    return language.translate("{count} months").format(count=count)


def _is_told_in_months(years: float | None) -> bool:
    return years is not None and years < _YEARS_FROM and years != int(years)


def _dollars_of(fact: str, test: Range, facts: Facts) -> float | None:
    """Return the highest income that a part of the poverty line is, where we know that line.

    It is known from the income that was told and the percentage that follows from it.
    """
    income, percent = facts.get("income_month"), facts.get("income_poverty_percent")
    if fact != "income_poverty_percent" or test.at_most is None:
        return None
    if not isinstance(income, int | float) or not isinstance(percent, int | float) or not percent:
        return None
    return test.at_most * income / percent


def _number_words(fact: str, number: float, language: Language) -> str:
    locale = _locale(language)
    if fact == "income_month":
        return _money(number, language)
    if fact == "income_poverty_percent":
        return f"{format_decimal(round(number, 1), locale=locale)}%"
    return str(format_decimal(round(number, 1), locale=locale))


def _money(dollars: float, language: Language) -> str:
    return str(
        format_currency(round(dollars), "USD", "¤#,##0", _locale(language), currency_digits=False)
    )


def _locale(language: Language) -> Locale:
    return Locale.parse(f"{language.tag}_US")


def county_words(code: str) -> str:
    """Say a county by its code: ``"Ingham County, MI"``."""
    state, _colon, county = code.partition(":")
    return f"{county}, {state}"
