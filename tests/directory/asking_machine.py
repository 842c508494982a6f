"""Questions about listings against a plain model: dates and booleans, and no database."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlmodel import Session

from directory.commands.asking import (
    FieldAnswer,
    Letter,
    Occasion,
    answer_request,
    ask,
    close_requests,
    remind,
)
from directory.commands.outbox import claim_message, mark_not_sent, mark_sent
from directory.commands.verifications import MadeSure, record_verification
from directory.database import Database
from directory.index import find_stale_services
from directory.models.accounts import Role
from directory.models.verifications import VerificationMethod, VitalField
from directory.queries.asking import (
    Limits,
    LinkUnusableError,
    choose_whom_to_ask,
    get_question,
)
from directory.queries.verifications import find_standings, get_entry
from directory.search import search
from directory.search_query import SearchQuery
from directory.tokens import derive_token
from directory.viewer import Viewer
from tests.conftest import NOON
from tests.factories import make_offer, make_organization, weekly

DAY = timedelta(days=1)
HOURS = VitalField.HOURS
LIMITS = Limits(per_day=2, agency_days=7)
ALWAYS = weekly("MO,TU,WE,TH,FR,SA,SU", time(0), time(0))


@dataclass
class Asked:
    """The model's question."""

    token: str
    at: datetime
    sent: bool = False
    failed: bool = False
    reminded: bool = False
    closed: datetime | None = None
    answered: bool = False
    undelivered: bool = False
    open_reminder: bool = False

    @property
    def deadline(self) -> datetime:
        return self.at + 21 * DAY

    def works(self, now: datetime) -> bool:
        return self.closed is None and now < self.deadline


@dataclass
class Listed:
    """The model's listing: when its hours, its only vital field, were last made sure of."""

    id: UUID
    agency: UUID
    checked: datetime | None = None
    disputed: bool = False
    questions: list[Asked] = field(default_factory=list)

    @property
    def out(self) -> Asked | None:
        return next((each for each in self.questions if each.closed is None), None)

    def due(self, now: datetime) -> bool:
        checked = None if self.disputed else self.checked
        return checked is None or now - checked >= 90 * DAY

    def open_now(self, now: datetime) -> bool:
        """Say in the plainest way whether we stand by the hours."""
        if self.disputed:
            return False
        about = [
            each
            for each in self.questions
            if not each.answered
            and not each.undelivered
            and (self.checked is None or each.at > self.checked)
        ]
        begins = self.checked or min((each.at for each in about), default=now)
        return not (any(each.deadline <= now for each in about) and now >= begins + 180 * DAY)


def write(occasion: Occasion) -> Letter:
    return Letter("Reminder" if occasion.reminder else "Question", occasion.token)


def make_token(request_id: UUID) -> str:
    return derive_token("a secret", "test", request_id)


class Asking(RuleBasedStateMachine):
    """Two agencies with two listings each, and a clock that only goes forward."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.asked_at: list[datetime] = []
        self._enter = self.database.transaction()
        self.session: Session = self._enter.__enter__()
        self.listed = [
            self._list(number, agency, UUID(int=2 * nth + number + 1))
            for nth, agency in enumerate(make_organization(self.session, name) for name in "AB")
            for number in range(2)
        ]

    def _list(self, number: int, agency: Any, id_: UUID) -> Listed:
        checked = date(2030, 1, 1) if number else None
        offer = make_offer(
            self.session,
            id=id_,  # the order of equals has to be the same every time
            organization=agency,
            hours=[ALWAYS],
            timezone="UTC",
            email=f"desk@{agency.id}.example",
            assured_date=checked,
        )
        at = datetime.combine(checked, time(0), NOON.tzinfo) if checked else None
        return Listed(offer.service_id, agency.id, at)

    def teardown(self) -> None:
        self.session.rollback()
        self._enter.__exit__(None, None, None)

    # ------------------------------------------------------------------------------ what happens

    @rule(days=st.sampled_from((0.01, 1, 6, 8, 14, 22, 61, 100)))
    def time_passes(self, days: float) -> None:
        self.now += days * DAY

    @rule()
    def the_worker_asks(self) -> None:
        self._a_moment_later()
        before = {each.id for each in self.listed if each.out}
        standings = find_standings(self.session, {}, now=self.now)
        chosen = choose_whom_to_ask(self.session, standings, LIMITS, now=self.now)
        asked = ask(self.session, chosen, make_token=make_token, write=write, now=self.now)

        assert asked == len(chosen)
        assert asked + sum(at > self.now - DAY for at in self.asked_at) <= LIMITS.per_day
        for choice in chosen:
            listed = next(each for each in self.listed if each.id == choice.service_id)
            assert listed.id not in before
            assert listed.due(self.now)
            agencys = [q.at for each in self.listed if each.agency == listed.agency
                       for q in each.questions]  # fmt: skip
            assert all(at <= self.now - 7 * DAY for at in agencys)
            assert all(q.at <= self.now - 60 * DAY for q in listed.questions)
            self._note(listed)

    def _note(self, listed: Listed) -> None:
        row = next(
            standing.request
            for standing in find_standings(self.session, {}, now=self.now)
            if standing.service_id == listed.id
        )
        assert row is not None
        listed.questions.append(Asked(make_token(row["id"]), self.now))
        self.asked_at.append(self.now)

    @rule()
    def the_worker_reminds(self) -> None:
        expected = [
            q
            for each in self.listed
            for q in each.questions
            if q.closed is None and q.sent and not q.reminded
            and q.at + 7 * DAY <= self.now < q.deadline
        ]  # fmt: skip

        assert remind(self.session, make_token=make_token, write=write, now=self.now) == len(
            expected
        )
        for question in expected:
            question.reminded = question.open_reminder = True

    @rule()
    def the_worker_closes(self) -> None:
        expected = 0
        for question in self._live():
            over = question.deadline <= self.now
            if question.failed or over:
                question.closed = self.now
                question.undelivered = question.failed or not question.sent
                question.open_reminder = False
                expected += 1

        assert close_requests(self.session, now=self.now) == expected

    def _live(self) -> list[Asked]:
        return [q for each in self.listed for q in each.questions if q.closed is None]

    @rule(taken=st.booleans())
    def the_post_is_sent(self, *, taken: bool) -> None:
        """All that is due is taken by the server, or refused for ever."""
        while (message := claim_message(self.session, now=self.now)) is not None:
            question = next(q for q in self._live() if q.token == message.body)
            if message.subject == "Reminder":
                assert question.open_reminder
                question.open_reminder = False
            elif taken:
                question.sent = True
            else:
                question.failed = True
            if taken:
                mark_sent(self.session, message, now=self.now)
            else:
                mark_not_sent(self.session, message, forever=True, now=self.now)

    @precondition(lambda self: any(each.questions for each in self.listed))
    @rule(data=st.data(), changed=st.booleans())
    def somebody_answers(self, data: st.DataObject, *, changed: bool) -> None:
        """With the link of any question there ever was."""
        self._a_moment_later()
        listed = data.draw(st.sampled_from([each for each in self.listed if each.questions]))
        question = data.draw(st.sampled_from(listed.questions))
        answers = {HOURS: FieldAnswer(changed=True, words="Mornings only")} if changed else None
        if not question.works(self.now):
            try:
                answer_request(self.session, question.token, answers, now=self.now)
            except LinkUnusableError:
                return
            raise AssertionError("a dead link answered")
        answer_request(self.session, question.token, answers, now=self.now)
        question.answered, question.closed = True, self.now
        question.open_reminder = False
        listed.checked, listed.disputed = self.now, changed

    @rule(index=st.integers(0, 3))
    def staff_check(self, index: int) -> None:
        self._a_moment_later()
        listed = self.listed[index]
        record_verification(
            self.session,
            listed.id,
            MadeSure(method=VerificationMethod.PHONE),
            viewer=Viewer(listed.agency, Role.PUBLISHER),
            now=self.now,
        )
        listed.checked, listed.disputed = self.now, False
        if listed.out is not None and self.now < listed.out.deadline:
            listed.out.open_reminder = False
            listed.out.closed = self.now

    def _a_moment_later(self) -> None:
        """Of two things that people do, one is the later."""
        self.now += timedelta(seconds=1)

    # ------------------------------------------------------------------------------ what is true

    @invariant()
    def links_work_exactly_while_they_should(self) -> None:
        for question in (q for each in self.listed for q in each.questions):
            try:
                get_question(self.session, question.token, now=self.now)
                works = True
            except LinkUnusableError:
                works = False
            assert works == question.works(self.now)

    @invariant()
    def a_search_claims_what_the_model_claims(self) -> None:
        answer = search(self.session, SearchQuery(open_at=self.now, limit=100), now=self.now)

        found = {hit.entry["service_id"] for hit in answer.hits}
        assert found == {each.id for each in self.listed if each.open_now(self.now)}
        assert answer.open_now == len(found)

    @invariant()
    def listings_say_when_they_were_checked(self) -> None:
        for listed in self.listed:
            row = get_entry(self.session, listed.id)
            assert row["hours_checked_at"] == listed.checked
            assert row["checked_at"] == (None if listed.disputed else listed.checked)

    @invariant()
    def no_search_row_is_stale(self) -> None:
        assert find_stale_services(self.session, now=self.now) == set()
