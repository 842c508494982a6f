"""Asking agencies whether their listings are still right: wiring only."""

from collections import Counter
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.clock import Clock
from api.languages import language
from api.letters import verification_letters
from api.settings import Settings
from directory.commands.asking import MakeToken, Write, ask, remind
from directory.database import Database
from directory.queries.asking import Limits, choose_whom_to_ask, find_question_out
from directory.queries.verifications import Standing, count_reports, find_standings
from directory.tokens import derive_token
from directory.truth import USE_COUNTS_FOR
from scheduling.queries.usage import count_uses


def rank_listings(session: Session, *, now: datetime) -> list[Standing]:
    """Return how every service stands, riskiest first, by its bookings, waiting and reports."""
    since = now - USE_COUNTS_FOR
    uses: Counter[UUID] = count_uses(session, since=since) + count_reports(session, since=since)
    return find_standings(session, uses, now=now)


def token_maker(settings: Settings) -> MakeToken:
    """Return what makes the secret of a question's link from the installation's own."""
    secret = settings.signing_secret()
    return lambda request_id: derive_token(secret, "verification", request_id)


def letter_writer(settings: Settings) -> Write:
    """Return what writes our letters."""
    return verification_letters(language(settings.mail_language), settings.public_url)


def ask_agencies(database: Database, settings: Settings, clock: Clock) -> int:
    """Ask about the riskiest listings, and remind; return how many messages were written.

    Whom to ask is found out by reading, because that reads the whole directory; only what
    follows from it is written in a transaction. Nobody is asked while there is no mail server:
    a question that cannot leave would run into its deadline here.
    """
    if not settings.smtp_url:
        return 0
    now, write, make_token = clock(), letter_writer(settings), token_maker(settings)
    limits = Limits(settings.verifications_per_day, settings.verification_agency_days)
    with database.reading() as session:
        chosen = choose_whom_to_ask(session, rank_listings(session, now=now), limits, now=now)
    with database.transaction() as session:
        asked = ask(session, chosen, make_token=make_token, write=write, now=now)
        return asked + remind(session, make_token=make_token, write=write, now=now)


def ask_some(session: Session, settings: Settings, *, number: int, now: datetime) -> int:
    """Ask about a few listings although nothing can be sent yet: for a demo."""
    limits = Limits(number, settings.verification_agency_days)
    chosen = choose_whom_to_ask(session, rank_listings(session, now=now), limits, now=now)
    return ask(
        session,
        chosen,
        make_token=token_maker(settings),
        write=letter_writer(settings),
        now=now,
    )


def find_a_link(session: Session, settings: Settings, *, now: datetime) -> str | None:
    """Return the link of a question that is out, if there is one: for whoever runs a demo."""
    request_id = find_question_out(session, now=now)
    if request_id is None:
        return None
    return f"{settings.public_url}/verify/{token_maker(settings)(request_id)}"
