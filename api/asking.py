"""Asking agencies whether their listings are still right: wiring only."""

from collections import Counter
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from api.clock import Clock
from api.languages import language
from api.letters import verification_letters
from api.settings import Settings
from directory.commands.asking import MakeToken, ask, remind
from directory.database import Database
from directory.queries.asking import Limits, choose_whom_to_ask
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


def ask_agencies(database: Database, settings: Settings, clock: Clock) -> int:
    """Ask about the riskiest listings, and remind; return how many messages were written.

    Whom to ask is found out by reading, because that reads the whole directory; only what
    follows from it is written in a transaction. Nobody is asked while there is no mail server:
    a question that cannot leave would run into its deadline here.
    """
    if not settings.smtp_url:
        return 0
    now = clock()
    write = verification_letters(language(settings.mail_language), settings.public_url)
    make_token = token_maker(settings)
    limits = Limits(settings.verifications_per_day, settings.verification_agency_days)
    with database.reading() as session:
        chosen = choose_whom_to_ask(session, rank_listings(session, now=now), limits, now=now)
    with database.transaction() as session:
        asked = ask(session, chosen, make_token=make_token, write=write, now=now)
        return asked + remind(session, make_token=make_token, write=write, now=now)
