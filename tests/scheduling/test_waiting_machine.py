"""Whatever people do, a freed place goes down the line, and nobody has more than there is."""

from collections.abc import Sequence
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy.exc import IntegrityError

from directory.database import Database
from scheduling import waiting
from scheduling.commands import answers, holds, offers, steps, waitlists
from scheduling.errors import SlotFullError
from scheduling.queries import in_line
from tests.scheduling.faults import Fault, plant
from tests.scheduling.waiting_machine import BOTH, WaitingMachine

#: All but explaining, which takes minutes.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)


def run(
    on: Database, *, examples: int, steps: int, phases: Sequence[Phase] = PHASES, **more: Any
) -> None:
    run_state_machine_as_test(
        lambda: WaitingMachine(on),  # type: ignore[arg-type]  # a function that makes one will do
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            phases=phases,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
            **more,
        ),
    )


def test_waiting_list_and_model_agree_on_whatever_is_done(database: Database) -> None:
    run(database, examples=16 if database.is_sqlite else 6, steps=30)


@pytest.mark.long
def test_waiting_list_and_model_agree_for_a_night(database: Database) -> None:
    run(database, examples=20_000, steps=60)


def test_machine_tells_offers_of_one_moment_apart(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Offered, declined and offered something else at once: neither times nor ids say which."""
    falling = count(2**64, -1)
    monkeypatch.setattr(offers, "uuid4", lambda: UUID(int=next(falling)))
    machine = WaitingMachine(database)
    try:
        machine.fill_up([{"who": "public", "places": 1, "priority": 0, "suits": BOTH}])
        for nth in (0, 1):  # the bookings of either slot, and the offers that come of them
            machine.cancel(0)
            machine.offers_are_those_of_the_model()
            machine.decline(nth)
            machine.offers_are_those_of_the_model()
        assert [offer.slot for offer in machine.model.offers] == [0, 1]
    finally:
        machine.teardown()


FAULTS = {
    "cancelling tells nobody who waits": Fault(
        steps, "cancel", 'pass_on(session, [row["slot_id"]], now=now)', "pass"
    ),
    "releasing tells nobody who waits": Fault(
        holds, "release_hold", 'pass_on(session, [hold["slot_id"]], now=now)', "pass"
    ),
    "priority counts for nothing": Fault(in_line, "place_in_line", '-entry["priority"], ', ""),
    "agreements come last": Fault(in_line, "place_in_line", "not is_inside", "is_inside"),
    "the last to come is the first": Fault(
        in_line, "place_in_line", 'entry["arrived_at"]', '-entry["arrived_at"].timestamp()'
    ),
    "the same slot is offered again": Fault(
        in_line, "why_not", '(entry["id"], slot["id"]) in line.had', "False"
    ),
    "somebody is offered two places at once": Fault(
        in_line, "why_not", 'entry["id"] in line.has_offer', "False"
    ),
    "a family is offered one place": Fault(
        in_line, "_why_not_bookable", 'wanted = entry["places"]', "wanted = 1"
    ),
    "the hours that suit are not looked at": Fault(
        in_line, "why_not_at_all", 'not suits(moment, entry["suits"])', "False"
    ),
    "the end of a stretch is not looked at": Fault(
        waiting, "_lies_in", "not closes", "True or not closes"
    ),
    "an offer's place is kept no longer than the offer": Fault(
        offers, "_make_offer", "until=expires_at + GRACE", "until=expires_at"
    ),
    "a lapsed offer is accepted": Fault(
        answers, "accept_offer", "offers.c.expires_at > now", "sa.true()"
    ),
    "who accepted still waits": Fault(
        answers, "accept_offer", "WaitlistStatus.BOOKED", "WaitlistStatus.WAITING"
    ),
    "declining frees nothing": Fault(answers, "decline_offer", "let_go(session, offer)", "pass"),
    "a declined place is free to everybody": Fault(
        answers, "decline_offer", 'pass_on(session, [offer["slot_id"]], now=now)', "pass"
    ),
    "an offer lapses early": Fault(
        answers, "lapse_offer", "offers.c.expires_at <= now", "sa.true()"
    ),
    "a lapsed place is free to everybody": Fault(
        answers, "lapse_offer", 'pass_on(session, [offer["slot_id"]], now=now)', "pass"
    ),
    "offers are answered twice": Fault(
        offers, "decide", ", offers.c.status == OfferStatus.OPEN", ""
    ),
    "who leaves keeps their offer": Fault(
        waitlists, "leave_waitlist", "withdraw_offers(session, entry_id, now=now)", "[]"
    ),
    "who leaves leaves the place to everybody": Fault(
        waitlists, "leave_waitlist", "pass_on(session, freed, now=now)", "pass"
    ),
}


#: Faults that the machine comes upon within 100 examples. The others take it longer.
QUICKLY_FOUND = {
    "a declined place is free to everybody",
    "a family is offered one place",
    "agreements come last",
    "an offer lapses early",
    "cancelling tells nobody who waits",
    "declining frees nothing",
    "offers are answered twice",
    "releasing tells nobody who waits",
    "somebody is offered two places at once",
    "the end of a stretch is not looked at",
    "the hours that suit are not looked at",
    "the last to come is the first",
    "the same slot is offered again",
}


def find(fault: str, database: Database, monkeypatch: pytest.MonkeyPatch, examples: int) -> None:
    plant(monkeypatch, *FAULTS[fault])

    with pytest.raises((AssertionError, IntegrityError, SlotFullError)):
        run(
            database,
            examples=examples,
            steps=20,
            phases=[Phase.generate],
            derandomize=True,
            database=None,
        )


@pytest.mark.parametrize("fault", sorted(QUICKLY_FOUND))
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_machine_finds(fault: str, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    find(fault, database, monkeypatch, examples=100)


@pytest.mark.long
@pytest.mark.parametrize("fault", sorted(FAULTS.keys() - QUICKLY_FOUND))
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_machine_finds_in_the_end(
    fault: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    find(fault, database, monkeypatch, examples=5_000)
