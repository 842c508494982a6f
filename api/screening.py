"""From what somebody told so far to the next question and what is decided."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlmodel import Session

from api.eligibility_words import CHOICES, choice_words, county_words
from api.finding import Finder, find_answer, reply_to
from api.languages import Language
from api.schemas.screening import (
    ChoiceReply,
    CountsReply,
    QuestionReply,
    ScreeningReply,
    ScreeningRequest,
)
from api.screening_words import ASKING, HOUSING
from directory.eligibility import Verdict, texts_named
from directory.eligibility_facts import FACTS
from directory.eligibility_rules import Rule
from directory.errors import FieldError, InvalidError
from directory.folding import fold
from directory.screening import Interview, Question, next_question
from directory.search_rules import find_rules
from directory.viewer import Viewer
from geo.counties import counties_in

#: The county of those who live in none that matters.
ELSEWHERE = "ZZ:Elsewhere"


def screen(
    session: Session,
    request: ScreeningRequest,
    *,
    viewer: Viewer,
    finder: Finder,
    language: Language,
    now: datetime,
    ask: str | None = None,
) -> ScreeningReply:
    """Search for somebody, and choose what to ask next; ``ask`` is a fact to ask for again.

    All the questions are one search, counted as it ends.
    """
    unknown = [name for name in request.skip if name not in FACTS]
    if unknown:
        raise InvalidError([FieldError("skip", f"Give only: {', '.join(FACTS)}.")])
    query, answer = find_answer(
        session, request, viewer=viewer, finder=finder, now=now, by_rule=True
    )
    rules = find_rules(session, [id_ for id_ in answer.rules if id_ is not None])
    home = query.origin.state if query.origin else None
    interview = Interview(
        query.facts,
        frozenset(request.skip),
        home,
        now.date(),
    )
    best = next_question({rules[id_]: answer.rules[id_] for id_ in rules}, interview)
    question = Question(ask, 0) if ask else best
    if question is None:
        finder.tally.note(query, answer, now=now)
    choices = choices_of(question.fact, rules.values(), home, language) if question else {}
    return ScreeningReply(
        question=question_reply(question, language, choices) if question else None,
        counts=CountsReply(
            eligible=answer.verdicts[Verdict.ELIGIBLE],
            not_eligible=answer.refused,
            needs_more=answer.verdicts[Verdict.NEEDS_MORE],
            not_stated=answer.verdicts[None],
        ),
        search=reply_to(session, query, answer, viewer=viewer, language=language, now=now),
    )


def choices_of(
    fact: str, rules: Collection[Rule], home: str | None, language: Language
) -> dict[str, str]:
    """Return what can be answered about a fact, and how it is said; nothing where one types."""
    if fact == "county":
        return {
            **{each: county_words(each) for each in county_choices(rules, home)},
            ELSEWHERE: language.translate("Somewhere else"),
        }
    if fact == "languages":
        named = {each: choice_words(fact, each, language) for each in _named(rules, fact)}
        return dict(sorted(named.items(), key=lambda choice: fold(choice[1])))
    words = HOUSING if fact == "housing" else CHOICES.get(fact, {})
    return {code: language.translate(each) for code, each in words.items()}


def county_choices(rules: Collection[Rule], home: str | None) -> list[str]:
    """Return the counties that the rules name, then all of the state, then any other."""
    named = _named(rules, "county")
    here = [f"{home}:{county}" for county in counties_in(home)] if home else []
    return [*sorted(named), *(each for each in here if each not in named), ELSEWHERE]


def _named(rules: Collection[Rule], fact: str) -> frozenset[str]:
    return frozenset[str]().union(*(texts_named(rule, fact) for rule in rules))


def question_reply(
    question: Question, language: Language, choices: Mapping[str, str]
) -> QuestionReply:
    """Say a question in the reader's language."""
    fact, asking = FACTS[question.fact], ASKING[question.fact]
    return QuestionReply(
        fact=question.fact,
        kind=fact.kind,
        question=language.translate(asking.question),
        why=language.translate(asking.why),
        hint=language.translate(asking.hint) if asking.hint else "",
        choices=[ChoiceReply(code=code, words=words) for code, words in choices.items()],
        low=fact.low if fact.high else None,
        high=fact.high or None,
        services=question.services,
    )
