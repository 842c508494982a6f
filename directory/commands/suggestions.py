"""Readers say that a listing is wrong, and those whose listing it is decide about that."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Session, col, delete, func, select

from directory.database import find_row
from directory.errors import ConflictError, FieldError, InvalidError, NotFoundError
from directory.index import refresh_services
from directory.models.accounts import Role
from directory.models.history import Suggestion, SuggestionState
from directory.models.services import Service
from directory.models.verifications import VitalField
from directory.offers import entries
from directory.viewer import Viewer

#: What a suggestion can be about, beside the vital fields.
OTHER: Final = "other"
SUBJECTS: Final = (*VitalField, OTHER)
SHORTEST_WORDS: Final = 5
LONGEST_WORDS: Final = 1000
LONGEST_ANSWER: Final = 500

#: So many undecided ones about a service are enough to look at; more would bury the desk.
MOST_OPEN: Final = 20

#: How long a suggestion is kept after it was decided.
KEPT_FOR: Final = timedelta(days=180)


class EnoughSuggestionsError(ConflictError):
    """So many have said that something is wrong here that somebody has to look first."""

    code = "enough-suggestions"

    def __init__(self) -> None:
        super().__init__("Thank you. Others have told us too, and the agency will look at it.")


class SuggestionDecidedError(ConflictError):
    """A colleague has decided about this suggestion already."""

    code = "suggestion-decided"

    def __init__(self) -> None:
        super().__init__("A colleague has decided about this already.")


def suggest(
    session: Session, listing_id: UUID, *, about: str, words: str, now: datetime
) -> Suggestion:
    """Keep what a reader says is wrong with a listing. Nothing about the reader is kept.

    ``listing_id`` is that of its search row. Raises ``NotFoundError``, ``InvalidError`` by
    field, and ``EnoughSuggestionsError`` where too many wait already.
    """
    words = words.strip()
    mistakes = _mistakes(about, words)
    if mistakes:
        raise InvalidError(mistakes)
    listing = find_row(
        session,
        sa.select(entries.c.service_id, entries.c.service_at_location_id).where(
            entries.c.id == listing_id
        ),
    )
    if listing is None:
        raise NotFoundError("service")
    _lock_and_count(session, listing["service_id"])
    suggestion = Suggestion(id=uuid4(), field_name=about, words=words, created_at=now, **listing)
    session.add(suggestion)
    return suggestion


def _mistakes(about: str, words: str) -> list[FieldError]:
    mistakes = []
    if about not in SUBJECTS:
        mistakes.append(FieldError("about", f"Give one of {', '.join(SUBJECTS)}."))
    if not SHORTEST_WORDS <= len(words) <= LONGEST_WORDS:
        mistakes.append(FieldError("words", "Say in 5 to 1000 letters what is wrong."))
    return mistakes


def _lock_and_count(session: Session, service_id: UUID) -> None:
    """Refuse one more than enough; two at once take turns."""
    session.exec(select(Service.id).where(Service.id == service_id).with_for_update())
    waiting = session.exec(
        select(func.count())
        .select_from(Suggestion)
        .where(Suggestion.service_id == service_id, Suggestion.state == SuggestionState.OPEN)
    ).one()
    if waiting >= MOST_OPEN:
        raise EnoughSuggestionsError


def decide_suggestion(
    session: Session,
    suggestion_id: UUID,
    *,
    accepted: bool,
    answer: str | None,
    viewer: Viewer,
    now: datetime,
) -> Suggestion:
    """Settle a suggestion: the listing was put right (``accepted``), or it was right.

    It is for the agency whose listing it is, and for administrators. Raises ``NotFoundError``
    for others', ``SuggestionDecidedError`` the second time.
    """
    suggestion = session.exec(
        select(Suggestion).where(Suggestion.id == suggestion_id).with_for_update()
    ).one_or_none()
    if suggestion is None or not _may_decide(session, suggestion, viewer):
        raise NotFoundError("suggestion")
    if suggestion.state is not SuggestionState.OPEN:
        raise SuggestionDecidedError
    if answer is not None and len(answer) > LONGEST_ANSWER:
        raise InvalidError.of("answer", f"Use at most {LONGEST_ANSWER} letters.")
    suggestion.state = SuggestionState.ACCEPTED if accepted else SuggestionState.DECLINED
    suggestion.decided_at, suggestion.account_id = now, viewer.account_id
    suggestion.answer = answer
    # Hours that the agency said had changed are claimed again once this is settled.
    refresh_services(session, [suggestion.service_id], now=now)
    return suggestion


def _may_decide(session: Session, suggestion: Suggestion, viewer: Viewer) -> bool:
    if viewer.role is Role.ADMINISTRATOR:
        return True
    service = session.get_one(Service, suggestion.service_id)
    return service.organization_id == viewer.organization_id


def forget_old_suggestions(session: Session, *, now: datetime) -> int:
    """Delete what was decided long ago; return how many there were."""
    old = delete(Suggestion).where(col(Suggestion.decided_at) <= now - KEPT_FOR)
    return session.exec(old).rowcount
