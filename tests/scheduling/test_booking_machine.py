"""Whatever people do, in whatever order, everyone has what they were told and no slot more."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy.exc import IntegrityError

from directory.database import Database
from scheduling import bookable
from scheduling.commands import (
    appointments,
    approvals,
    hold_limits,
    holds,
    overlaps,
    places,
    steps,
    visits,
    windows,
)
from tests.scheduling.booking_machine import BookingMachine
from tests.scheduling.faults import Fault, plant

#: All but explaining, which takes minutes.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)


def run(
    on: Database, *, examples: int, length: int, phases: Sequence[Phase] = PHASES, **more: Any
) -> None:
    run_state_machine_as_test(
        lambda: BookingMachine(on),  # type: ignore[arg-type]  # a function that makes one will do
        settings=settings(
            max_examples=examples,
            stateful_step_count=length,
            phases=phases,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
            **more,
        ),
    )


def test_scheduler_and_model_agree_on_whatever_is_done(database: Database) -> None:
    run(database, examples=16 if database.is_sqlite else 6, length=30)


@pytest.mark.long
def test_scheduler_and_model_agree_for_a_night(database: Database) -> None:
    run(database, examples=20_000, length=80)


#: Confirms in any window, whatever has become of the agreement.
_ANY_SLOT = """session.connection().execute(
        sa.select(
            (tables := SQLModel.metadata.tables)["slot"],
            tables["availability_window"].c.organization_id.label("host_organization_id"),
            sa.literal("automatic").label("approval"),
            sa.null().label("agreement_id"),
        )
        .join(tables["availability_window"])
        .where(tables["slot"].c.id == hold["slot_id"])).mappings().one_or_none()"""

_LIVE = "places.c.expires_at.is_(None) | (places.c.expires_at > now)"

FAULTS = {
    "holds are not counted": Fault(
        bookable, "places_taken", _LIVE, "places.c.expires_at.is_(None)"
    ),
    "a hold counts a moment too long": Fault(
        bookable, "places_taken", _LIVE, _LIVE.replace("> now", ">= now")
    ),
    "one place too many": Fault(
        bookable, "slots_without_allotments", "<= slots.c.capacity", "<= slots.c.capacity + 1"
    ),
    "a family needs one place": Fault(
        bookable, "slots_without_allotments", "+ wanted <=", "+ 1 <="
    ),
    "a slot is shown before the horizon reaches it": Fault(
        bookable, "_at_its_time", "slots.c.bookable_from <= now,", ""
    ),
    "the notice is not kept": Fault(
        bookable, "_at_its_time", "bookable_until > now", "starts_at > now"
    ),
    "windows named for one are open to all partners": Fault(
        bookable, "_kept_for", "~named.exists()", "sa.true()"
    ),
    "suspended agreements still open windows": Fault(
        bookable, "_agreements_of", "agreements.c.status == AgreementStatus.ACTIVE,", ""
    ),
    "agreements never end": Fault(
        bookable, "_agreements_of", ">= slots.c.local_date", "> '2000-01-01'"
    ),
    "clearing away takes live holds too": Fault(
        places,
        "_DELETE_LAPSED",
        'places.c.expires_at <= sa.bindparam("now")',
        "places.c.hold_id.is_not(None)",
    ),
    "anybody's hold can be used": Fault(
        holds, "_LOCK_OWN_HOLD", '("organization_id", "account_id")', '("account_id")'
    ),
    "a colleague's hold can be used": Fault(
        holds, "_LOCK_OWN_HOLD", '("organization_id", "account_id")', '("organization_id")'
    ),
    "releasing leaves the hold": Fault(
        holds, "release_hold", "not delete_hold(session, hold_id)", "False"
    ),
    "tidying takes live holds": Fault(
        holds, "forget_lapsed_holds", "<= now - KEPT_LAPSED", "<= now + HOLD_LASTS"
    ),
    "a lapsed hold is confirmed": Fault(
        appointments, "_TAKE_OVER", ', places.c.expires_at > sa.bindparam("now")', ""
    ),
    "places given away are confirmed": Fault(
        appointments,
        "_take_over_places",
        '_TAKE_OVER.change(session, its) != hold["places"]:',
        "_TAKE_OVER.change(session, its) < 0:",
    ),
    "a confirmed hold can be confirmed again": Fault(
        appointments, "_take_over_places", 'delete_hold(session, hold["id"])', "pass"
    ),
    "the agreement is not checked again": Fault(
        appointments,
        "_still_open",
        "admitted.row(session, viewer, now=now, **values)",
        _ANY_SLOT,
    ),
    "slots that have begun are confirmed": Fault(
        appointments, "_still_open", 'slot["starts_at"] <= now', "False"
    ),
    "cancelling frees nothing": Fault(
        steps, "cancel", 'give_back(session, appointment_id=row["id"])', "pass"
    ),
    "cancelling frees the others too": Fault(
        places,
        "give_back",
        "table.c.appointment_id == appointment_id",
        "table.c.appointment_id.is_not(None)",
    ),
    "cancelling again is a second change": Fault(
        appointments,
        "_cancel",
        'row["status"] == AppointmentStatus.CANCELLED',
        "False",
    ),
    "the history stands still": Fault(steps, "take_step", 'row["sequence"] + 1', 'row["sequence"]'),
    "the cut-off is not kept": Fault(steps, "refuse_late_change", 'by != "host"', "False"),
    "moving leaves the old places taken": Fault(
        appointments, "_reschedule", 'give_back(session, appointment_id=row["id"])', "pass"
    ),
    "who moves decides who may book there": Fault(
        appointments,
        "_reschedule",
        'Viewer(row["organization_id"], account_id=row["account_id"])',
        "viewer",
    ),
    "the cut-off is not kept when moving": Fault(
        appointments, "_reschedule", "refuse_late_change(row, now, by=by)", "pass"
    ),
    "moving to the same time is a change": Fault(
        appointments, "_reschedule", 'row["slot_id"] == slot_id', "False"
    ),
    "moved ones need no new yes": Fault(appointments, "_reschedule", 'by == "host"', "True"),
    "a client is in two places at once": Fault(
        overlaps, "refuse_busy_client", "found is not None", "False"
    ),
    "a client's own appointment is in the way": Fault(
        overlaps, "_OVERLAPPING", 'appointments.c.id != sa.bindparam("but")', "sa.true()"
    ),
    "nobody is asked": Fault(
        approvals, "first_status", 'slot["approval"] != Approval.HOST or ours', "True"
    ),
    "declined ones are approved": Fault(
        approvals,
        "approve_appointment",
        'row["status"] != AppointmentStatus.PENDING',
        "False",
    ),
    "approved after the start": Fault(
        approvals, "approve_appointment", 'row["starts_at"] <= now', "False"
    ),
    "approved ones are declined": Fault(
        approvals,
        "decline_appointment",
        'row["status"] != AppointmentStatus.PENDING',
        "False",
    ),
    "declining frees nothing": Fault(
        approvals,
        "decline_appointment",
        'cancel(session, row, viewer, now, reason, by="host", decide_by=None)',
        "take_step(session, row, AppointmentStatus.CANCELLED, viewer=viewer, now=now,"
        " reason=reason, cancelled_at=now, cancelled_by='host')",
    ),
    "the clock declines a moment too late": Fault(
        approvals, "decline_unanswered", "decide_by <= now", "decide_by < now"
    ),
    "anybody speaks for the host": Fault(
        steps,
        "refuse_others",
        'row["host_organization_id"] != viewer.organization_id',
        "False",
    ),
    "no-show before the start": Fault(
        visits, "_before_its_start", 'now < row["starts_at"]', "False"
    ),
    "check-in on any day": Fault(visits, "_before_its_day", "< day", "< date.min"),
    "what is over goes on": Fault(visits, "_step", 'row["status"] not in possible', "False"),
    "undone on any day": Fault(
        visits, "undo_visit", "said_on != now.astimezone(zone).date()", "False"
    ),
    "one person keeps any number of times": Fault(
        hold_limits, "refuse_hoarding", "limits.per_account", "0"
    ),
    "one agency keeps any number of times": Fault(
        hold_limits, "refuse_hoarding", "limits.per_organization", "0"
    ),
    "lapsed holds are kept on": Fault(
        hold_limits, "refuse_hoarding", 'if kept["lapsed_just_now"]', "if False"
    ),
    "slots are made in the past": Fault(
        windows, "roll_window", "if slot.interval.starts_at > now", "if True"
    ),
    "the last day is not rolled": Fault(
        windows,
        "roll_window",
        "today + timedelta(window.horizon_days)",
        "today + timedelta(window.horizon_days - 1)",
    ),
}


#: Faults that the machine comes upon within a few seconds. The others take it up to minutes.
QUICKLY_FOUND = {
    "a confirmed hold can be confirmed again",
    "a slot is shown before the horizon reaches it",
    "holds are not counted",
    "suspended agreements still open windows",
    "the history stands still",
    "the last day is not rolled",
}


def find(fault: str, database: Database, monkeypatch: pytest.MonkeyPatch, examples: int) -> None:
    plant(monkeypatch, *FAULTS[fault])

    with pytest.raises((AssertionError, IntegrityError)):
        run(
            database,
            examples=examples,
            length=40,
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
