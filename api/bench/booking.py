"""How many bookings a second, against the same statements without us in between.

By the software of partner agencies, each with its ``Idempotency-Key``; every client is an agency
of its own. Three shapes: all book in many slots, all want the same slot at once, and all want a
slot that is full. Every round begins with empty calendars.
"""

import enum
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import sqlalchemy as sa
from litestar.status_codes import HTTP_201_CREATED, HTTP_409_CONFLICT
from litestar.testing import TestClient
from sqlmodel import SQLModel

from api.app import create_app
from api.bench.calendars import SLOT, make_windows, slot_id
from api.bench.databases import insert, temporary_database
from api.bench.figures import ROUNDS, Figures, median_figures, median_ratio
from api.bench.load import Clients
from api.bench.processes import BenchError
from api.bench.recording import Step, recording
from api.bench.replay import Unique, Variable, pgbench_script, run_pgbench, run_sqlite
from api.bench.report import Report
from api.bench.server import Server, serving_openings
from api.bench.towns import FIRST, make_directory, numbered_id, prefix_of
from api.settings import Settings
from directory.commands.accounts import create_api_key
from directory.database import Database
from directory.models.accounts import Role
from directory.viewer import Viewer
from scheduling.commands.holds import place_hold
from scheduling.models.agreements import AgreementStatus
from scheduling.models.windows import BookableBy

#: About so many slots; the clients share them out evenly.
SLOTS = 2_000
CAPACITY = 500
FULL_CAPACITY = 3


class Shape(enum.Enum):
    """What the clients do: its words, and what follows a hold (``api.bench.load``)."""

    MANY = ("hold and confirm, many slots", "confirm")
    HOT = ("hold and let go, one slot", "release")
    FULL = ("refused, a full slot", "nothing")

    def __init__(self, words: str, then: str) -> None:
        self.words, self.then = words, then

    @property
    def capacity(self) -> int:
        """How many places a slot has."""
        return FULL_CAPACITY if self is Shape.FULL else CAPACITY


#: The kinds of the identifiers of partners and of their agreements (``numbered_id``).
PARTNER, AGREEMENT = 9, 10

#: Emptied before each round; what refers comes before what it refers to.
_BOOKINGS = ("slot_place", "hold", "appointment_change", "appointment", "idempotency_key")


@dataclass(frozen=True, slots=True)
class Calendar:
    """A database with slots, and the keys of the partners who may book them."""

    database: Database
    shape: Shape
    keys: Sequence[str]
    slots: int
    now: datetime

    def begin(self) -> None:
        """Forget all bookings, and fill the slot that is to be full."""
        self._clear()
        if self.shape is Shape.FULL:
            partner = Viewer(numbered_id(PARTNER, 0))
            with self.database.transaction() as session:
                place_hold(session, slot_id(0), viewer=partner, now=self.now, wanted=FULL_CAPACITY)

    def _clear(self) -> None:
        with self.database.transaction() as session:
            if self.database.is_sqlite:
                for name in _BOOKINGS:
                    session.connection().execute(sa.delete(SQLModel.metadata.tables[name]))
            else:
                session.connection().exec_driver_sql(f"TRUNCATE {', '.join(_BOOKINGS)} CASCADE")


@dataclass(frozen=True, slots=True)
class Recorded:
    """The statements of one booking, and what in them is its own."""

    steps: Sequence[Step]
    unique: Unique


def bench_booking(
    *,
    seconds: float,
    clients: int,
    database: str,
    now: datetime,
    rounds: int = ROUNDS,
    shapes: Iterable[Shape] = Shape,
) -> list[Report]:
    """Measure bookings over HTTP and their ceiling in turns, each ``seconds`` long a round.

    The ceiling is pgbench on PostgreSQL, and one thread on a bare connection on SQLite, which
    has one writer at a time anyway. Raises ``BenchError`` when something stands in the way.
    """
    return [
        _bench(shape, seconds=seconds, clients=clients, database=database, now=now, rounds=rounds)
        for shape in shapes
    ]


def _bench(
    shape: Shape, *, seconds: float, clients: int, database: str, now: datetime, rounds: int
) -> Report:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        made = stack.enter_context(temporary_database(database, folder))
        calendar = _fill(made, shape, clients, now)
        run_ceiling = _ceiling(calendar, record_booking(calendar, folder), folder, clients, seconds)
        server = stack.enter_context(serving_openings(made.url, folder))
        callers = stack.enter_context(Clients(clients))
        measured = [
            (run_ceiling() if run_ceiling else None, _measure(callers, server, calendar, seconds))
            for _ in range(rounds)
        ]
    limits = [limit for limit, _ in measured if limit is not None]
    subjects = [subject for _, subject in measured]
    return Report(
        bench="booking",
        database=database,
        clients=clients,
        seconds=seconds,
        rounds=rounds,
        unit="done",
        subject=shape.words,
        ceiling="one thread, bare" if made.is_sqlite else "pgbench",
        measured=median_figures(subjects),
        limit=median_figures(limits) if limits else None,
        ratio=median_ratio(subjects, limits) if limits else None,
        remark="" if limits else "pgbench is missing, so there is nothing to compare with.",
    )


def _fill(database: Database, shape: Shape, clients: int, now: datetime) -> Calendar:
    """Make a host with a calendar, and for each client a partner under an agreement."""
    made = make_directory(20, now=now)
    offer = made.tables["search_entry"][0]
    host_id = offer["organization_id"]
    slots = max(1, SLOTS // clients) * clients if shape is Shape.MANY else 1
    windows = make_windows(
        [(offer["id"], host_id)],
        slots=slots,
        capacity=shape.capacity,
        bookable_by=BookableBy.PARTNERS,
        now=now,
    )
    insert(database, {**made.tables, **windows})
    insert(database, {"organization": [_partner(number) for number in range(clients)]})
    insert(database, {"agreement": [_agreement(host_id, number, now) for number in range(clients)]})
    with database.transaction() as session:
        keys = [
            create_api_key(
                session,
                organization_id=numbered_id(PARTNER, number),
                role=Role.COORDINATOR,
                name="bench",
                now=now,
            )
            for number in range(clients)
        ]
    return Calendar(database, shape, keys, slots, now)


def _partner(number: int) -> dict[str, Any]:
    return {"id": numbered_id(PARTNER, number), "name": f"Partner {number}"}


def _agreement(host_id: UUID, number: int, now: datetime) -> dict[str, Any]:
    return {
        "id": numbered_id(AGREEMENT, number),
        "host_organization_id": host_id,
        "partner_organization_id": numbered_id(PARTNER, number),
        "title": "Shared intake",
        "status": AgreementStatus.ACTIVE,
        "starts_on": now.date(),
        "host_signed_at": now,
        "partner_signed_at": now,
    }


def record_booking(calendar: Calendar, folder: Path) -> Recorded:
    """Do it once through the whole application; write down what that asks of the database."""
    calendar.begin()
    app = create_app(Settings(data_dir=folder), database=calendar.database)
    slot = slot_id(0)
    unique = _unique_to_the_client(slot)
    with TestClient(app) as client, recording(calendar.database) as steps:
        client.headers["authorization"] = f"Bearer {calendar.keys[0]}"
        if calendar.shape is Shape.FULL:
            _post(client, f"/slots/{slot}/holds", "the-hold", expected=HTTP_409_CONFLICT)
            return Recorded(steps, unique)
        hold = _post(client, f"/slots/{slot}/holds", "the-hold")
        unique |= _both_forms(UUID(hold["id"]), Variable("id", prefix_of(7)))
        if calendar.shape is Shape.HOT:
            client.delete(f"/api/v1/holds/{hold['id']}").raise_for_status()
            return Recorded(steps, unique)
        booked = _post(client, f"/holds/{hold['id']}/confirm", "the-confirmation")
    unique |= {
        **_both_forms(UUID(booked["id"]), Variable("id", prefix_of(8))),
        booked["code"]: Variable("id"),
        booked["client_handle"]: Variable("id"),  # or one client would be in many places
    }
    return Recorded(steps, unique)


def _unique_to_the_client(slot: UUID) -> dict[Any, Variable]:
    partner = numbered_id(PARTNER, 0)
    return {
        **_both_forms(slot, Variable("slot", prefix_of(SLOT))),
        **_both_forms(partner, Variable("client", prefix_of(PARTNER))),
        **_both_forms(numbered_id(AGREEMENT, 0), Variable("client", prefix_of(AGREEMENT))),
        **{
            text: Variable("client", text.removesuffix(str(FIRST)))
            for text in (str(partner), f"holds {partner}")
        },
        "the-hold": Variable("id", "hold-"),
        "the-confirmation": Variable("id", "confirm-"),
    }


def _post(client: Any, path: str, key: str, *, expected: int = HTTP_201_CREATED) -> Any:
    answer: httpx.Response = client.post(
        f"/api/v1{path}", json={}, headers={"idempotency-key": key}
    )
    if answer.status_code != expected:
        raise BenchError(f"Booking failed: {answer.text}")
    return answer.json()


def _both_forms(identifier: UUID, variable: Variable) -> dict[Any, Variable]:
    """Name an identifier as PostgreSQL's driver takes it, and as SQLite keeps it."""
    return {identifier: variable, identifier.hex: variable}


def _ceiling(
    calendar: Calendar, recorded: Recorded, folder: Path, clients: int, seconds: float
) -> Callable[[], Figures] | None:
    """Return what to run as the ceiling, or None when the tool for it is missing."""
    if calendar.database.is_sqlite:

        def run() -> Figures:
            calendar.begin()
            return run_sqlite(
                calendar.database,
                recorded.steps,
                recorded.unique,
                slots=calendar.slots,
                clients=clients,
                seconds=seconds,
            )

        return run
    if shutil.which("pgbench") is None:
        return None
    script = pgbench_script(recorded.steps, recorded.unique, clients=clients, slots=calendar.slots)

    def run_on_postgres() -> Figures:
        calendar.begin()
        return run_pgbench(calendar.database.url, script, folder, clients=clients, seconds=seconds)

    return run_on_postgres


def _measure(clients: Clients, server: Server, calendar: Calendar, seconds: float) -> Figures:
    calendar.begin()
    slots = [str(slot_id(number)) for number in range(calendar.slots)]
    before = server.processor_seconds()
    load = clients.book(
        server.port, slots, keys=calendar.keys, then=calendar.shape.then, seconds=seconds
    )
    return load.figures(server.processor_seconds() - before)
