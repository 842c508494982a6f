"""The life of a question: asked, reminded of once, answered or not, closed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.commands.outbox import queue_message, withdraw_messages
from directory.database import Row, find_rows
from directory.errors import FieldError, InvalidError
from directory.index import refresh_services
from directory.models import TABLES
from directory.models.history import Suggestion
from directory.models.organizations import Organization
from directory.models.services import LISTED, Service
from directory.models.verifications import (
    Verification,
    VerificationMethod,
    VerificationRequest,
    VitalField,
)
from directory.queries.asking import Chosen, get_question
from directory.queries.checks import find_checks
from directory.queries.verifications import find_entries_of_service, vital_fields_of
from directory.tokens import hash_token

messages = TABLES["outgoing_message"]
requests = TABLES["verification_request"]

#: How long a link works, and when somebody who has not used it is reminded.
ANSWER_WITHIN: Final = timedelta(days=21)
REMIND_AFTER: Final = timedelta(days=7)

#: How much somebody may write about one field, in letters.
LONGEST_WORDS: Final = 300


class Letter(NamedTuple):
    """The words of an e-mail."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What a letter is about. ``token`` opens the page with the question."""

    organization_name: str
    service_name: str
    token: str
    expires_at: datetime
    reminder: bool


#: Writes a letter: words are not the directory's business.
Write = Callable[[Occasion], Letter]

#: Makes the secret of a request's link: always the same for the same request, so that a
#: reminder has the same link, although only its hash is kept.
MakeToken = Callable[[UUID], str]


def message_key(request_id: UUID, kind: str) -> str:
    """Return the ``dedupe_key`` of a request's message; ``kind`` is "ask" or "remind"."""
    return f"verification:{request_id}:{kind}"


def ask(
    session: Session,
    chosen: Sequence[Chosen],
    *,
    make_token: MakeToken,
    write: Write,
    now: datetime,
) -> int:
    """Ask about each service by e-mail; return how many questions went out.

    A service about which a question is out already, or that is not listed any more, is left.
    """
    asked = 0
    for each in sorted(chosen, key=lambda each: each.service_id):  # one order, no deadlocks
        service = session.exec(
            select(Service)
            .where(Service.id == each.service_id, col(Service.status).in_(LISTED))
            .with_for_update(of=Service)
        ).one_or_none()
        if service is not None and not _is_out(session, service.id):
            _ask(session, service, each.email, make_token, write, now)
            asked += 1
    return asked


def _is_out(session: Session, service_id: UUID) -> bool:
    live = select(VerificationRequest.id).where(
        VerificationRequest.service_id == service_id,
        col(VerificationRequest.closed_at).is_(None),
    )
    return session.exec(live).first() is not None


def _ask(
    session: Session,
    service: Service,
    email: str,
    make_token: MakeToken,
    write: Write,
    now: datetime,
) -> None:
    id_ = uuid4()
    request = VerificationRequest(
        id=id_,
        service_id=service.id,
        email=email,
        token_hash=hash_token(make_token(id_)),
        asked_at=now,
        expires_at=now + ANSWER_WITHIN,
    )
    session.add(request)
    session.flush()
    _write(session, request, service, make_token, write, "ask", now)
    refresh_services(session, [service.id], now=now)


def _write(
    session: Session,
    request: VerificationRequest,
    service: Service,
    make_token: MakeToken,
    write: Write,
    kind: str,
    now: datetime,
) -> None:
    letter = write(
        Occasion(
            organization_name=session.get_one(Organization, service.organization_id).name,
            service_name=service.name,
            token=make_token(request.id),
            expires_at=request.expires_at,
            reminder=kind == "remind",
        )
    )
    queue_message(
        session,
        recipient=request.email,
        subject=letter.subject,
        body=letter.body,
        dedupe_key=message_key(request.id, kind),
        now=now,
    )


def remind(session: Session, *, make_token: MakeToken, write: Write, now: datetime) -> int:
    """Remind, once, whoever was asked a week ago and has not answered; return how many."""
    asked_before = now - REMIND_AFTER
    live = [row for row in _find_live(session) if row["asked_at"] <= asked_before]
    fates = _fates(session, [row["id"] for row in live])
    reminded = 0
    for row in live:
        if row["reminded_at"] is None and row["expires_at"] > now and fates[row["id"]].sent:
            reminded += _remind(session, row["id"], make_token, write, now)
    return reminded


def _remind(
    session: Session, request_id: UUID, make_token: MakeToken, write: Write, now: datetime
) -> bool:
    request = session.get_one(VerificationRequest, request_id, with_for_update=True)
    service = session.get_one(Service, request.service_id)
    if request.closed_at or request.reminded_at or service.status not in LISTED:
        return False
    # The installation's secret may have been changed since: then the old link is dead.
    request.token_hash = hash_token(make_token(request.id))
    request.reminded_at = now
    session.add(request)
    session.flush()
    _write(session, request, service, make_token, write, "remind", now)
    return True


def _find_live(session: Session) -> Sequence[Row]:
    """Return the questions that are out: some hundreds at most, for three weeks' worth."""
    return find_rows(
        session,
        sa.select(requests).where(requests.c.closed_at.is_(None)).order_by(requests.c.service_id),
    )


class Fate(NamedTuple):
    """Whether a server took a question, and whether we gave up on it."""

    sent: bool
    failed: bool


def _fates(session: Session, request_ids: Sequence[UUID]) -> dict[UUID, Fate]:
    """Return what became of the message that asked; of one that is not kept any more, sent."""
    ids = {message_key(id_, "ask"): id_ for id_ in request_ids}
    rows = find_rows(session, sa.select(messages).where(messages.c.dedupe_key.in_(ids)))
    return dict.fromkeys(request_ids, Fate(sent=True, failed=False)) | {
        ids[row["dedupe_key"]]: Fate(row["sent_at"] is not None, row["failed_at"] is not None)
        for row in rows
    }


class FieldAnswer(NamedTuple):
    """What an agency says of one field: still right, or what is right now instead."""

    changed: bool
    words: str = ""


def answer_request(
    session: Session,
    token: str,
    answers: Mapping[VitalField, FieldAnswer] | None,
    *,
    now: datetime,
) -> None:
    """Take the one answer to a question; None says that all of it is right.

    What has changed becomes a suggestion, which somebody of the agency or the network puts in;
    until then the listing says that it is not right. Raises ``LinkUnusableError`` and, by
    ``hours`` or ``hours_words``, ``InvalidError``; answers to what was not asked are refused.
    """
    service = _lock(session, get_question(session, token, now=now).request.service_id)
    question = get_question(session, token, now=now, lock=True)
    request = question.request
    if answers is None:
        answers = dict.fromkeys(question.fields, FieldAnswer(changed=False))
    _refuse(answers, question.fields)
    agency = session.get_one(Organization, service.organization_id)
    for field, answer in answers.items():
        session.add(
            Verification(
                service_id=service.id,
                field=field,
                method=VerificationMethod.LINK,
                changed=answer.changed,
                verified_at=now,
                said_by=agency.name[:200],
            )
        )
        if answer.changed:
            session.add(_suggestion(service.id, field, answer.words, now))
    request.answered_at = request.closed_at = now
    session.add(request)
    session.flush()
    _withdraw(session, request.id)
    refresh_services(session, [service.id], now=now)


def _lock(session: Session, service_id: UUID) -> Service:
    """Lock a service: always before its question, and before its search rows are made anew."""
    return session.exec(
        select(Service).where(Service.id == service_id).with_for_update(of=Service)
    ).one()


def _suggestion(service_id: UUID, field: VitalField, words: str, now: datetime) -> Suggestion:
    return Suggestion(service_id=service_id, field_name=field, words=words.strip(), created_at=now)


def _refuse(answers: Mapping[VitalField, FieldAnswer], asked: Sequence[VitalField]) -> None:
    mistakes = []
    for field, answer in answers.items():
        if field not in asked:
            mistakes.append(FieldError(field, "This was not asked."))
        elif answer.changed and not answer.words.strip():
            mistakes.append(FieldError(f"{field}_words", "Say what is right now."))
        elif len(answer.words) > LONGEST_WORDS:
            mistakes.append(FieldError(f"{field}_words", "Use at most 300 letters."))
    if not answers:
        mistakes.append(FieldError("do", "Choose an answer for at least one of them."))
    if mistakes:
        raise InvalidError(mistakes)


def close_requests(session: Session, *, now: datetime) -> int:
    """Close the questions that are past their deadline or reached nobody; return how many.

    Tidies only: a link does not work past its deadline, and hours are not claimed past it,
    whether or not this runs.
    """
    live = _find_live(session)
    fates = _fates(session, [row["id"] for row in live])
    closed = 0
    for row in live:
        over = row["expires_at"] <= now
        undelivered = fates[row["id"]].failed or (over and not fates[row["id"]].sent)
        if over or undelivered:
            closed += _close(session, row, undelivered=undelivered, now=now)
    return closed


def _close(session: Session, row: Row, *, undelivered: bool, now: datetime) -> bool:
    _lock(session, row["service_id"])
    request = session.get_one(VerificationRequest, row["id"], with_for_update=True)
    if request.closed_at is not None:
        return False
    request.closed_at = now
    request.undelivered_at = now if undelivered else None
    session.add(request)
    session.flush()
    _withdraw(session, request.id)
    refresh_services(session, [request.service_id], now=now)
    return True


def close_if_checked(session: Session, service_id: UUID, *, now: datetime) -> None:
    """Close the question that is out, if it has nothing left to ask: nobody is to be reminded."""
    request = session.exec(
        select(VerificationRequest)
        .where(
            VerificationRequest.service_id == service_id,
            col(VerificationRequest.closed_at).is_(None),
            VerificationRequest.expires_at > now,
        )
        .with_for_update()
    ).one_or_none()
    if request is None:
        return
    entries = find_entries_of_service(session, service_id)
    checks = find_checks(session, entries, now=now)
    if all(
        field in checks[entry["id"]] and checks[entry["id"]][field].checked_at >= request.asked_at
        for entry in entries
        for field in vital_fields_of(entry)
    ):
        request.closed_at = now
        session.add(request)
        session.flush()
        _withdraw(session, request.id)


def _withdraw(session: Session, request_id: UUID) -> None:
    """Take back what was written and has not gone out: it would come too late."""
    withdraw_messages(session, [message_key(request_id, kind) for kind in ("ask", "remind")])
