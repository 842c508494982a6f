"""Keeping waiting lists moving by the clock: wiring only.

Each offer that lapses and each slot that is passed on has a transaction of its own: none keeps
many people's slots locked. What another process did in the meantime is found done.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlmodel import Session

from api.clock import Clock
from api.languages import language
from api.letters import offer_letter
from api.settings import Settings
from directory.commands.outbox import queue_message
from directory.database import Database
from directory.errors import BusyError
from scheduling.commands.answers import lapse_offer
from scheduling.commands.offers import mail_key, pass_on
from scheduling.commands.waitlists import find_overdue, leave_waitlist
from scheduling.models.waitlists import WaitlistStatus
from scheduling.queries.open_lines import find_slots_to_pass_on
from scheduling.queries.waitlists import find_lapsed_offers, find_offers_to_tell


def move_lines_on(database: Database, _settings: Settings, clock: Clock) -> int:
    """End what has lapsed or is overdue, and offer what is free; return how much was done."""
    now = clock()
    with database.reading() as session:
        lapsed = find_lapsed_offers(session, now=now)
        overdue = find_overdue(session, now=now)
    done = _each(database, lapsed, lambda session, id_: int(lapse_offer(session, id_, now=now)))
    done += _each(database, overdue, lambda session, id_: _expire(session, id_, clock))
    with database.reading() as session:
        open_to_somebody = find_slots_to_pass_on(session, now=now)
    return done + _each(
        database, open_to_somebody, lambda session, id_: pass_on(session, [id_], now=now)
    )


def _expire(session: Session, entry_id: UUID, clock: Clock) -> int:
    leave_waitlist(session, entry_id, now=clock(), status=WaitlistStatus.EXPIRED)
    return 1


def _each(database: Database, ids: Sequence[UUID], work: Callable[[Session, UUID], int]) -> int:
    done = 0
    for id_ in ids:
        try:
            with database.transaction() as session:
                done += work(session, id_)
        except BusyError:  # the next time does it
            continue
    return done


def tell_of_offers(database: Database, settings: Settings, clock: Clock) -> int:
    """Write to the coordinators whose clients have been offered a place; once for each offer.

    The letter names nobody and says nothing about anybody: it leads to the desk.
    """
    if not settings.smtp_url:
        return 0
    now, spoken = clock(), language(settings.mail_language)
    with database.transaction() as session:
        told = 0
        for offer in find_offers_to_tell(session, now=now):
            letter = offer_letter(spoken, settings.public_url, offer)
            told += queue_message(
                session,
                recipient=offer["email"],
                subject=letter.subject,
                body=letter.body,
                dedupe_key=mail_key(offer["id"]),
                now=now,
            )
        return told
