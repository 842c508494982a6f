"""The outbox: once in, claimed by one, tried five times, and forgotten."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select

from directory.commands.outbox import (
    MOST_ATTEMPTS,
    TRY_AGAIN_AFTER,
    Message,
    claim_message,
    mark_not_sent,
    mark_sent,
    queue_message,
)
from directory.database import Database
from directory.errors import InvalidError
from directory.mail_addresses import is_address
from directory.models.messages import OutgoingMessage
from directory.queries.outbox import count_messages
from tests.conftest import NOON

YEAR = timedelta(days=365)


def put(session: Session, key: str = "one", **fields: str) -> bool:
    words = {"recipient": "desk@agency.example", "subject": "Hello", "body": "A secret link"}
    return queue_message(session, **{**words, **fields}, dedupe_key=key, now=NOON)


def only(session: Session) -> OutgoingMessage:
    session.expire_all()
    return session.exec(select(OutgoingMessage)).one()


def claimed(session: Session, now: datetime = NOON) -> Message:
    message = claim_message(session, now=now)
    assert message is not None
    return message


def test_the_same_message_goes_in_once(session: Session) -> None:
    assert put(session)
    assert not put(session, subject="Hello again")

    assert only(session).subject == "Hello"


def test_what_is_claimed_is_nobody_elses_until_the_claim_runs_out(session: Session) -> None:
    put(session)

    first = claimed(session)

    assert (first.attempt, first.recipient) == (1, "desk@agency.example")
    almost = NOON + TRY_AGAIN_AFTER[0] - timedelta(seconds=1)
    assert claim_message(session, now=almost) is None
    assert claimed(session, NOON + TRY_AGAIN_AFTER[0]).attempt == 2


def test_what_is_sent_is_sent_no_more_and_forgets_its_words(session: Session) -> None:
    put(session)

    mark_sent(session, claimed(session), now=NOON)

    row = only(session)
    assert (row.sent_at, row.subject, row.body) == (NOON, "", "")
    assert claim_message(session, now=NOON + YEAR) is None
    assert not put(session)  # and it stays the same message


def test_after_five_attempts_it_is_given_up_and_forgotten(session: Session) -> None:
    put(session)
    now, attempts = NOON, 0
    while (message := claim_message(session, now=now)) is not None:
        mark_not_sent(session, message, forever=False, now=now)
        attempts += 1
        now += YEAR

    row = only(session)
    assert attempts == MOST_ATTEMPTS == row.attempts
    assert row.failed_at is not None
    assert row.sent_at is None
    assert (row.subject, row.body) == ("", "")


def test_a_worker_that_always_dies_while_sending_does_not_send_for_ever(session: Session) -> None:
    put(session)
    now = NOON
    for _ in range(MOST_ATTEMPTS):
        claimed(session, now)  # and it is never marked
        now += YEAR

    assert claim_message(session, now=now) is None
    assert only(session).failed_at == now


def test_what_no_server_will_ever_take_is_given_up_at_once(session: Session) -> None:
    put(session)

    mark_not_sent(session, claimed(session), forever=True, now=NOON)

    assert only(session).failed_at == NOON


def test_a_late_failure_does_not_end_what_somebody_else_has_claimed(session: Session) -> None:
    put(session)
    slow = claimed(session)
    later = NOON + TRY_AGAIN_AFTER[0]
    claimed(session, later)

    mark_not_sent(session, slow, forever=True, now=later)

    assert only(session).failed_at is None


def test_messages_are_sent_in_the_order_in_which_they_are_due(session: Session) -> None:
    for minute, key in ((2, "b"), (1, "a")):
        queue_message(
            session,
            recipient="desk@agency.example",
            subject=key,
            body="",
            dedupe_key=key,
            now=NOON - timedelta(minutes=minute),
        )

    assert [claimed(session).subject for _ in range(2)] == ["b", "a"]


def test_counts_say_how_the_post_does(session: Session) -> None:
    for key in "abcd":
        put(session, key)
    mark_sent(session, claimed(session), now=NOON)
    mark_not_sent(session, claimed(session), forever=True, now=NOON)
    claimed(session)

    counts = count_messages(session, now=NOON)

    assert (counts["waiting"], counts["tried"]) == (2, 1)
    assert (counts["sent"], counts["failed"], counts["waiting_since"]) == (1, 1, NOON)


def test_two_workers_never_claim_the_same_message(database: Database) -> None:
    with database.transaction() as session:
        for number in range(20):
            put(session, str(number))
    start = Barrier(4)

    def work() -> list[str]:
        start.wait()
        found: list[str] = []
        while True:
            with database.transaction() as session:
                message = claim_message(session, now=NOON)
            if message is None:
                return found
            found.append(str(message.id))

    with ThreadPoolExecutor(4) as pool:
        together = [
            id_ for future in [pool.submit(work) for _ in range(4)] for id_ in future.result()
        ]

    assert len(together) == len(set(together)) == 20


#: What would begin a header of its own, or go to two people.
NOT_ADDRESSES = (
    "",
    "desk",
    "desk@",
    "@agency.example",
    "desk@agency",
    "desk@agency.example\nBcc: all@agency.example",
    "desk@agency.example\r\n",
    "desk@agency.example\n",
    "desk@agency.example, more@agency.example",
    "desk@agency.example;more@agency.example",
    "Desk <desk@agency.example>",
    "desk @agency.example",
    "desk@agency..example",
    ".desk@agency.example",
    "desk@-agency.example",
    "désk@agency.example",
    "desk@agency.example\x00",
    "desk\u2028@agency.example",
    "d" * 250 + "@agency.example",
)


@pytest.mark.parametrize("text", NOT_ADDRESSES)
def test_what_is_no_address_is_refused_before_it_is_kept(session: Session, text: str) -> None:
    with pytest.raises(InvalidError):
        put(session, recipient=text)

    assert session.connection().execute(sa.select(sa.func.count(OutgoingMessage.id))).scalar() == 0  # type: ignore[arg-type]  # a column, at run time


@pytest.mark.parametrize(
    "text", ["desk@agency.example", "a.b+c_d-e@sub.agency.example", "O'Hara@a-b.example"]
)
def test_what_people_have_is_an_address(text: str) -> None:
    assert is_address(text)


@given(text=st.text(max_size=30))
def test_no_address_has_anything_that_ends_a_line(text: str) -> None:
    for tried in (text, f"desk@agency.example{text}", f"{text}@agency.example"):
        if is_address(tried):
            assert tried.isascii()
            assert tried.isprintable()
            assert not set(tried) & set(' ,;<>"()\\')


@pytest.mark.parametrize("line_end", ["\n", "\r", "\r\n", "\u2028", "\x0b", "\x00"])
def test_a_subject_is_one_line(session: Session, line_end: str) -> None:
    put(session, subject=f"Is this{line_end}Bcc: still right?")

    assert only(session).subject == "Is this Bcc: still right?"
