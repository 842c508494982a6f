"""Asking agencies whether their listings are still right."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import Phase
from hypothesis import settings as hypothesis_settings
from hypothesis.stateful import run_state_machine_as_test
from sqlmodel import Session, select

from directory.commands.asking import FieldAnswer, answer_request, ask, close_requests, remind
from directory.commands.outbox import claim_message, mark_sent
from directory.commands.verifications import MadeSure, record_verification
from directory.database import Database
from directory.errors import InvalidError
from directory.models.accounts import Role
from directory.models.contacts import Contact, Phone
from directory.models.history import Suggestion, SuggestionState
from directory.models.messages import OutgoingMessage
from directory.models.organizations import Organization
from directory.models.services import Service, ServiceAtLocation
from directory.models.verifications import (
    Verification,
    VerificationMethod,
    VerificationRequest,
    VitalField,
)
from directory.queries.asking import (
    Chosen,
    Limits,
    LinkUnusableError,
    choose_whom_to_ask,
    find_addresses,
    get_question,
)
from directory.queries.verifications import find_standings
from directory.tokens import derive_token, hash_token
from directory.viewer import Viewer
from tests.conftest import NOON
from tests.directory.asking_machine import Asking, make_token, write
from tests.directory.test_verifications import listing
from tests.factories import make_offer, make_organization

DAY = timedelta(days=1)
HOURS, PHONE, COST = VitalField.HOURS, VitalField.PHONE, VitalField.COST
EMAIL = "desk@agency.example"
PLENTY = Limits(per_day=100, agency_days=7)


#: How many lives are tried: on PostgreSQL, on SQLite.
EXAMPLES = (4, 8)

#: All but explaining, which takes minutes.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)


def test_questions_live_as_the_model_says(database: Database) -> None:
    machine = type("AskingHere", (Asking,), {"database": database})

    run_state_machine_as_test(
        machine,
        settings=hypothesis_settings(
            max_examples=EXAMPLES[database.is_sqlite], stateful_step_count=25, phases=PHASES
        ),
    )


def ask_about(session: Session, offer: ServiceAtLocation, **when: Any) -> str:
    """Ask, and return the link's secret."""
    now = when.get("now", NOON)
    assert ask(
        session, [Chosen(offer.service_id, EMAIL)], make_token=make_token, write=write, now=now
    )
    return make_token(only_request(session).id)


def only_request(session: Session) -> VerificationRequest:
    return session.exec(select(VerificationRequest)).one()


def deliver(session: Session) -> list[str]:
    """Send everything; return the subjects."""
    subjects = []
    while (message := claim_message(session, now=NOON + 20 * DAY)) is not None:
        subjects.append(message.subject)
        mark_sent(session, message, now=NOON)
    return subjects


def test_only_the_hash_of_a_link_is_kept_and_every_link_is_another(session: Session) -> None:
    token = ask_about(session, listing(session))

    assert only_request(session).token_hash == hash_token(token)
    assert len(token) >= 43  # 256 bits in base 64
    tokens = {derive_token("s", "p", uuid4()) for _ in range(1000)}
    assert len(tokens) == 1000
    one = uuid4()
    assert derive_token("s", "p", one) == derive_token("s", "p", one)
    assert derive_token("s", "p", one) != derive_token("t", "p", one)
    assert derive_token("s", "p", one) != derive_token("s", "q", one)


def test_a_service_is_asked_about_once_at_a_time(session: Session) -> None:
    offer = listing(session)
    ask_about(session, offer)

    again = ask(
        session, [Chosen(offer.service_id, EMAIL)], make_token=make_token, write=write, now=NOON
    )

    assert again == 0
    assert len(session.exec(select(OutgoingMessage)).all()) == 1


def test_a_reminder_has_the_same_link_and_comes_once(session: Session) -> None:
    token = ask_about(session, listing(session))
    deliver(session)

    def reminded_at(days: int) -> int:
        return remind(session, make_token=make_token, write=write, now=NOON + days * DAY)

    assert [reminded_at(6), reminded_at(7), reminded_at(8)] == [0, 1, 0]
    message = claim_message(session, now=NOON + 8 * DAY)
    assert message is not None
    assert (message.subject, message.body) == ("Reminder", token)


def test_nobody_is_reminded_of_what_never_reached_them(session: Session) -> None:
    ask_about(session, listing(session))

    assert remind(session, make_token=make_token, write=write, now=NOON + 8 * DAY) == 0


def test_a_new_secret_of_the_installation_makes_new_links(session: Session) -> None:
    token = ask_about(session, listing(session))
    deliver(session)

    def other(request_id: UUID) -> str:
        return derive_token("another secret", "test", request_id)

    remind(session, make_token=other, write=write, now=NOON + 8 * DAY)

    assert get_question(session, other(only_request(session).id), now=NOON + 8 * DAY)
    with pytest.raises(LinkUnusableError):
        get_question(session, token, now=NOON + 8 * DAY)


def test_all_right_is_a_check_of_everything_that_was_asked(session: Session) -> None:
    token = ask_about(session, listing(session))

    answer_request(session, token, None, now=NOON + DAY)

    rows = session.exec(select(Verification)).all()
    assert {(row.field, row.method, row.changed) for row in rows} == {
        (field, VerificationMethod.LINK, False) for field in (HOURS, PHONE, COST)
    }
    assert {row.said_by for row in rows} == {"Lanternfish Pantry"}
    request = only_request(session)
    assert request.answered_at == request.closed_at == NOON + DAY


def test_what_changed_becomes_a_suggestion(session: Session) -> None:
    token = ask_about(session, listing(session))

    answers = {
        HOURS: FieldAnswer(changed=True, words=" Mondays 9 to 12 "),
        PHONE: FieldAnswer(changed=False),
    }
    answer_request(session, token, answers, now=NOON + DAY)

    (told,) = session.exec(select(Suggestion)).all()
    assert (told.field_name, told.words, told.state) == (
        "hours",
        "Mondays 9 to 12",
        SuggestionState.OPEN,
    )
    rows = session.exec(select(Verification)).all()
    assert {(row.field, row.changed) for row in rows} == {(HOURS, True), (PHONE, False)}


@pytest.mark.parametrize(
    ("answers", "paths"),
    [
        ({}, ["do"]),
        ({HOURS: FieldAnswer(changed=True, words="  ")}, ["hours_words"]),
        ({HOURS: FieldAnswer(changed=True, words="x" * 301)}, ["hours_words"]),
        ({VitalField.ADDRESS: FieldAnswer(changed=False)}, ["address"]),
        ({VitalField.OPENINGS: FieldAnswer(changed=False)}, ["openings"]),
    ],
)
def test_a_wrong_answer_changes_nothing_and_the_link_still_works(
    session: Session, answers: Any, paths: list[str]
) -> None:
    token = ask_about(session, listing(session))

    with pytest.raises(InvalidError) as refused:
        answer_request(session, token, answers, now=NOON)

    assert [mistake.path for mistake in refused.value.errors] == paths
    answer_request(session, token, None, now=NOON)


def spoil_expired(session: Session, token: str) -> str:
    request = only_request(session)
    request.asked_at, request.expires_at = NOON - 30 * DAY, NOON
    session.add(request)
    return token


def spoil_used(session: Session, token: str) -> str:
    answer_request(session, token, None, now=NOON)
    return token


def spoil_unlisted(session: Session, token: str) -> str:
    from directory.index import refresh_services  # noqa: PLC0415
    from directory.models.services import ServiceStatus  # noqa: PLC0415

    service = session.get_one(Service, only_request(session).service_id)
    service.status = ServiceStatus.DEFUNCT
    session.add(service)
    refresh_services(session, [service.id], now=NOON)
    return token


def spoil_guessed(_session: Session, token: str) -> str:
    return token[:-1] + ("A" if token[-1] != "A" else "B")


SPOILT: list[Callable[[Session, str], str]] = [
    spoil_expired,
    spoil_used,
    spoil_unlisted,
    spoil_guessed,
    lambda _session, _token: "",
    lambda _session, _token: "\x00",
    lambda _session, _token: "x" * 10_000,
]


@pytest.mark.parametrize("spoil", SPOILT)
def test_every_link_that_does_not_work_says_the_same(
    session: Session, spoil: Callable[[Session, str], str]
) -> None:
    token = spoil(session, ask_about(session, listing(session)))
    session.flush()

    for attempt in (
        lambda: get_question(session, token, now=NOON),
        lambda: answer_request(session, token, None, now=NOON),
    ):
        with pytest.raises(LinkUnusableError) as refused:
            attempt()
        assert str(refused.value) == str(LinkUnusableError())


def test_an_unanswered_question_is_closed_at_its_deadline(session: Session) -> None:
    ask_about(session, listing(session))
    deliver(session)

    assert close_requests(session, now=NOON + 21 * DAY - timedelta(seconds=1)) == 0
    assert close_requests(session, now=NOON + 21 * DAY) == 1

    (standing,) = find_standings(session, {}, now=NOON + 22 * DAY)
    assert standing.is_unanswered(NOON + 22 * DAY)
    assert not standing.is_undelivered


def test_a_question_that_never_left_is_not_held_against_anybody(session: Session) -> None:
    ask_about(session, listing(session))

    close_requests(session, now=NOON + 21 * DAY)

    (standing,) = find_standings(session, {}, now=NOON + 400 * DAY)
    assert standing.is_undelivered
    assert not standing.is_unanswered(NOON + 400 * DAY)
    assert standing.claimed
    assert session.exec(select(OutgoingMessage)).all() == []  # it is not sent too late either


def test_a_check_by_staff_closes_the_question_and_takes_its_reminder_back(
    session: Session,
) -> None:
    offer = listing(session)
    ask_about(session, offer)
    deliver(session)
    remind(session, make_token=make_token, write=write, now=NOON + 8 * DAY)
    viewer = Viewer(session.get_one(Service, offer.service_id).organization_id, Role.PUBLISHER)

    def check(*fields: VitalField) -> None:
        sure = MadeSure(method=VerificationMethod.STAFF, fields=fields)
        record_verification(session, offer.id, sure, viewer=viewer, now=NOON + 9 * DAY)

    check(HOURS, PHONE)
    assert only_request(session).closed_at is None  # the price was asked too
    check(COST)

    assert only_request(session).closed_at == NOON + 9 * DAY
    assert claim_message(session, now=NOON + 10 * DAY) is None


# --------------------------------------------------------------------------------- whom to ask


def choose(session: Session, limits: Limits = PLENTY, **uses: int) -> list[UUID]:
    counted = {UUID(id_): count for id_, count in uses.items()}
    standings = find_standings(session, counted, now=NOON)
    chosen = choose_whom_to_ask(session, standings, limits, now=NOON)
    return [each.service_id for each in chosen]


def test_the_riskiest_is_asked_first_and_no_more_than_may_be_in_a_day(session: Session) -> None:
    ids = [
        make_offer(
            session, organization=make_organization(session, name), email=f"{name}@x.example"
        ).service_id
        for name in "abc"
    ]
    uses = {str(ids[1]): 9, str(ids[2]): 3}

    assert choose(session, Limits(2, 7), **uses) == [ids[1], ids[2]]


def test_an_agency_is_asked_about_one_listing_at_a_time(session: Session) -> None:
    agency = make_organization(session)
    for name in "ab":
        make_offer(session, organization=agency, email=f"{name}@x.example")

    assert len(choose(session)) == 1


def test_an_address_of_two_agencies_is_asked_once(session: Session) -> None:
    for name in ("Desk@x.example", "desk@x.example"):
        make_offer(session, organization=make_organization(session, name), email=name)

    assert len(choose(session)) == 1


def test_what_was_checked_lately_or_has_no_address_is_not_asked_about(session: Session) -> None:
    lately = (NOON - 80 * DAY).date()
    make_offer(session, email="a@x.example", assured_date=lately)
    make_offer(session, organization=make_organization(session, "B"))

    assert choose(session) == []


def test_the_most_particular_address_is_taken_and_what_is_none_is_passed_over(
    session: Session,
) -> None:
    agency = make_organization(session)
    offer = make_offer(session, organization=agency)
    service = session.get_one(Service, offer.service_id)

    def address() -> str | None:
        session.flush()
        return find_addresses(session, [service.id]).get(service.id)

    session.add(Contact(location_id=offer.location_id, email="place@x.example"))
    assert address() is None
    session.add(Contact(organization_id=agency.id, email="contact@x.example"))
    assert address() == "contact@x.example"
    session.add(Contact(service_id=service.id, email="intake@x.example"))
    assert address() == "intake@x.example"
    session.get_one(Organization, agency.id).email = "agency@x.example"
    assert address() == "agency@x.example"
    service.assurer_email = "assurer@x.example\nBcc: all@x.example"
    assert address() == "agency@x.example"
    service.assurer_email = " assurer@x.example "
    assert address() == "assurer@x.example"
    service.email = "service@x.example"
    assert address() == "service@x.example"


# -------------------------------------------------------------------------------------- races


def test_of_two_answers_at_once_one_counts(database: Database) -> None:
    with database.transaction() as session:
        token = ask_about(session, listing(session))
    start = Barrier(4)

    def answer() -> bool:
        start.wait()
        try:
            with database.transaction() as session:
                answer_request(session, token, None, now=NOON)
        except LinkUnusableError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        answered = [future.result() for future in [pool.submit(answer) for _ in range(4)]]

    assert sorted(answered) == [False, False, False, True]
    with database.reading() as session:
        assert len(session.exec(select(Verification)).all()) == 3


def test_two_workers_that_both_think_they_lead_ask_once(database: Database) -> None:
    with database.transaction() as session:
        offer = listing(session)
        session.add(Phone(service_id=offer.service_id, number="517-555-0102"))
        chosen = [Chosen(offer.service_id, EMAIL)]
    start = Barrier(3)

    def work() -> int:
        start.wait()
        with database.transaction() as session:
            return ask(session, chosen, make_token=make_token, write=write, now=NOON)

    with ThreadPoolExecutor(3) as pool:
        asked = [future.result() for future in [pool.submit(work) for _ in range(3)]]

    assert sorted(asked) == [0, 0, 1]
