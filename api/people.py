"""Facts about a person in a search, and what their answer says of each service."""

from datetime import datetime
from typing import Any

from msgspec import to_builtins

from api.eligibility_words import limit_words, told_words, verdict_words
from api.languages import Language
from api.schemas.search import ConditionReply, EligibilityReply, SearchRequest
from directory.eligibility import Facts, Judgement
from directory.errors import InvalidError
from directory.known_facts import read_facts
from geo.places import Place

DOCUMENTS_TWICE = "Give the papers once: here, or among the facts."


def facts_in(request: SearchRequest, origin: Place | None, now: datetime) -> Facts:
    """Return what a request tells about somebody.

    Raises ``InvalidError`` naming every mistake.
    """
    told: dict[str, Any] = to_builtins(request.facts) if request.facts else {}
    told = {name: value for name, value in told.items() if value is not None}
    if request.documents is None:
        return _read(told, origin, now)
    if "documents" in told:
        raise InvalidError.of("documents", DOCUMENTS_TWICE)
    try:
        return _read({**told, "documents": request.documents}, origin, now)
    except InvalidError as error:
        raise InvalidError(
            [
                each._replace(path=each.path.replace("facts.documents", "documents"))
                for each in error.errors
            ]
        ) from None


def _read(told: dict[str, Any], origin: Place | None, now: datetime) -> Facts:
    return read_facts(told, state=origin.state if origin else None, on=now.date())


def eligibility_reply(
    judgement: Judgement | None, language: Language, facts: Facts
) -> EligibilityReply | None:
    """Say what a rule says of somebody."""
    if judgement is None:
        return None
    return EligibilityReply(
        verdict=judgement.verdict,
        because=[
            ConditionReply(
                fact=each.fact,
                limit=limit_words(each, language, facts=facts),
                told=told_words(each.fact, facts[each.fact], language),
            )
            for each in judgement.because
        ],
        ask=list(judgement.ask),
        words=verdict_words(judgement, language, facts=facts),
    )
