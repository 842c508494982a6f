import pytest

from api.eligibility_words import (
    ASKED_FOR,
    CHOICES,
    Said,
    limit_words,
    refusal_words,
    rule_line,
    rule_words,
    told_words,
    verdict_words,
)
from api.languages import language
from directory.eligibility import Facts, Judgement, Known, Verdict
from directory.eligibility_facts import FACTS, Kind
from directory.eligibility_rules import Condition, Group, Range

ENGLISH, SPANISH = language("en"), language("es")


@pytest.mark.parametrize(
    ("condition", "english", "spanish"),
    [
        (Condition("age", Range(18)), "Age 18 and older", "De 18 años en adelante"),
        (Condition("age", Range(None, 17)), "Up to age 17", "Hasta 17 años"),
        (Condition("age", Range(13, 17)), "Age 13 to 17", "De 13 a 17 años"),
        (Condition("age", Range(None, 0.5)), "Up to 6 months old", "Hasta 6 meses de edad"),
        (
            Condition("age", Range(0.5, 4)),
            "6 to 48 months old",
            "De 6 a 48 meses de edad",
        ),
        (
            Condition("age", Range(0.5, 17)),
            "Age 6 months to 17",
            "De 6 meses a 17 años",
        ),
        (
            Condition("income_month", Range(None, 2000)),
            "Income up to $2,000 a month",
            "Ingresos de hasta $2,000 al mes",
        ),
        (
            Condition("county", ("MI:Clinton County", "MI:Eaton County")),
            "People who live in Clinton County, MI or Eaton County, MI",
            "Personas que viven en Clinton County, MI o Eaton County, MI",
        ),
        (
            Condition("housing", ("shelter", "unsheltered")),
            "People who stay in a shelter or sleep outside or in a car",
            "Personas que están en un albergue o duermen en la calle o en un auto",
        ),
        (
            Condition("documents", "photo-id"),
            "People who can show: photo ID",
            "Personas que pueden mostrar: identificación con foto",
        ),
        (
            Condition("insurance", "none"),
            "People with no health insurance",
            "Personas con ningún seguro médico",
        ),
        (Condition("languages", "es"), "People who speak Spanish", "Personas que hablan español"),
        (
            Condition("veteran", test=True),
            "People who have served in the armed forces",
            "Personas que sirvieron en las fuerzas armadas",
        ),
        (
            Condition("children_ages", Range(None, 5)),
            "People with a child up to age 5",
            "Personas con un hijo de hasta 5 años",
        ),
        (
            Condition("household_size", Range(3)),
            "Households of 3 or more people",
            "Hogares de 3 o más personas",
        ),
    ],
)
def test_a_condition_says_whom_it_lets_in(condition: Condition, english: str, spanish: str) -> None:
    assert limit_words(condition, ENGLISH, facts={}) == english
    assert limit_words(condition, SPANISH, facts={}) == spanish


def test_a_whole_rule_is_said_as_sentences_within_sentences() -> None:
    adult, veteran = Condition("age", Range(18)), Condition("veteran", test=True)
    both = Group("all", (adult, Condition("documents", "lease")))
    rule = Group("any", (veteran, both))

    assert rule_words(adult, ENGLISH) == Said("Age 18 and older")
    assert rule_words(rule, SPANISH) == Said(
        "Al menos una de estas:",
        (
            Said("Personas que sirvieron en las fuerzas armadas"),
            Said(
                "Todas estas:",
                (
                    Said("De 18 años en adelante"),
                    Said("Personas que pueden mostrar: contrato de renta"),
                ),
            ),
        ),
    )
    assert rule_line(rule, ENGLISH) == (
        "At least one of these: (People who have served in the armed forces; "
        "All of these: (Age 18 and older; People who can show: lease))"
    )


def test_the_poverty_line_is_told_in_dollars_where_it_is_known() -> None:
    condition = Condition("income_poverty_percent", Range(None, 200))
    facts: Facts = {"income_month": 3000, "income_poverty_percent": 150.0, "household_size": 2}

    assert limit_words(condition, ENGLISH, facts={"household_size": 2}) == (
        "Income up to 200% of the poverty line"
    )
    assert limit_words(condition, ENGLISH, facts=facts) == (
        "Income up to 200% of the poverty line ($4,000 a month for your household)"
    )


@pytest.mark.parametrize(
    ("fact", "known", "words"),
    [
        ("age", 17, "17"),
        ("age", 0.5, "0.5"),
        ("veteran", True, "yes"),
        ("pregnant", False, "no"),
        ("income_month", 1234.5, "$1,234"),
        ("county", "MI:Ingham County", "Ingham County, MI"),
        ("documents", frozenset(), "none"),
        ("documents", frozenset({"lease", "photo-id"}), "lease, photo ID"),
        ("children_ages", (), "none"),
        ("children_ages", (3, 7), "3, 7"),
        ("housing", "renting", "rent their home"),
    ],
)
def test_what_was_told_is_said_back(fact: str, known: Known, words: str) -> None:
    assert told_words(fact, known, ENGLISH) == words


def test_a_verdict_says_what_it_rests_on_or_what_is_still_to_be_told() -> None:
    adult, veteran = Condition("age", Range(18)), Condition("veteran", test=True)

    def words(judgement: Judgement) -> str:
        return verdict_words(judgement, ENGLISH, facts={})

    assert words(Judgement(Verdict.ELIGIBLE, (adult,))) == "Fits what you told us"
    assert words(Judgement(Verdict.NEEDS_MORE, ask=("age", "documents"))) == (
        "That depends on: your age, the papers you have"
    )
    assert words(Judgement(Verdict.NOT_ELIGIBLE, (adult,))) == ("Not for you: Age 18 and older")
    assert refusal_words((adult, veteran), ENGLISH, facts={}) == (
        "Not for you. It takes one of these: "
        "Age 18 and older; People who have served in the armed forces"
    )


def test_every_fact_and_every_choice_has_words_in_both_languages() -> None:
    assert set(ASKED_FOR) == set(FACTS)
    for name, fact in FACTS.items():
        assert SPANISH.translate(ASKED_FOR[name]) != ASKED_FOR[name]
        assert tuple(CHOICES.get(name, ())) == fact.choices
        for test in _tests_of(name):
            condition = Condition(name, test)
            english = limit_words(condition, ENGLISH, facts={})
            assert limit_words(condition, SPANISH, facts={}) != english


def _tests_of(name: str) -> list[Range | bool | tuple[str, ...] | str]:
    fact = FACTS[name]
    if fact.kind in (Kind.NUMBER, Kind.WHOLE, Kind.NUMBERS):
        return [Range(2), Range(None, 5), Range(2, 5)]
    if fact.kind is Kind.FLAG:
        return [True, False]
    values = fact.choices or (fact.example,)
    if fact.kind in (Kind.CHOICE, Kind.PATTERN):
        return [(value,) for value in values]
    return [*values]
