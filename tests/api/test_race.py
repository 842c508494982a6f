"""Sixty-four clients want the three places of one slot, over real HTTP."""

import http.client
import json
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from uuid import UUID

import pytest
from sqlmodel import func, select

from directory.commands.accounts import create_api_key
from directory.database import Database
from directory.models.accounts import Role
from scheduling.models.bookings import Appointment, Hold
from scheduling.models.windows import BookableBy
from scheduling.queries.slots import count_places_taken
from tests.conftest import NOON
from tests.factories import make_agreement, make_offer, make_organization, make_slot

ROOT = Path(__file__).parents[2]
CLIENTS = 64
CAPACITY = 3


@pytest.fixture
def port(database_url: str, tmp_path: Path) -> Iterator[int]:
    """A server in a process of its own. The socket listens before it starts: no waiting."""
    with socket.create_server(("127.0.0.1", 0), backlog=2 * CLIENTS) as listener:
        arguments = [str(listener.fileno()), database_url, str(tmp_path / "data")]
        with subprocess.Popen(  # noqa: S603  (our own server)
            [sys.executable, "-m", "tests.api.server_at_noon", *arguments],
            cwd=ROOT,
            pass_fds=[listener.fileno()],
        ) as server:
            yield listener.getsockname()[1]
            server.terminate()


class Coordinator:
    """One client with one connection, that tries and tries again."""

    def __init__(self, port: int, key: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self.seen: Counter[tuple[str, int, str]] = Counter()

    def post(self, what: str, path: str) -> str | None:
        """Send, note the answer, and return the id of what was made."""
        self.connection.request("POST", f"/api/v1/{path}", b"{}", self.headers)
        response = self.connection.getresponse()
        reply = json.loads(response.read())
        self.seen[what, response.status, reply.get("type", "")] += 1
        made: str | None = reply.get("id") if response.status == 201 else None
        return made

    def attempt(self, slot_id: UUID) -> None:
        hold_id = self.post("hold", f"slots/{slot_id}/holds")
        if hold_id is not None:
            self.post("confirm", f"holds/{hold_id}/confirm")


@pytest.mark.parametrize(
    ("attempts", "repeats"), [(1_000, 1), pytest.param(10_000, 20, marks=pytest.mark.long)]
)
def test_three_places_go_to_three_of_all_who_try(
    database: Database, port: int, attempts: int, repeats: int
) -> None:
    with database.transaction() as session:
        host, partner = make_organization(session, "Host"), make_organization(session, "Partner")
        make_agreement(session, host.id, partner.id)
        offer = make_offer(session, organization=host)
        slot_ids = [
            make_slot(session, offer=offer, capacity=CAPACITY, bookable_by=BookableBy.PARTNERS)
            for _ in range(repeats)
        ]
        key = create_api_key(
            session, organization_id=partner.id, role=Role.COORDINATOR, name="Race", now=NOON
        )

    for slot_id in slot_ids:
        assert compete(port, key, slot_id, attempts) == {
            ("hold", 201, ""): CAPACITY,
            ("confirm", 201, ""): CAPACITY,
            ("hold", 409, "/problems/slot-full"): attempts - CAPACITY,
        }
    with database.reading() as session:
        for slot_id in slot_ids:
            assert count_places_taken(session, slot_id, now=NOON) == CAPACITY
        booked = session.exec(select(func.count()).select_from(Appointment)).one()
        assert booked == CAPACITY * repeats
        assert session.exec(select(func.count()).select_from(Hold)).one() == 0


def compete(port: int, key: str, slot_id: UUID, attempts: int) -> Counter[tuple[str, int, str]]:
    """Have all clients try at once, until there were so many attempts; return what they saw."""
    together = Barrier(CLIENTS)

    def try_again_and_again(number: int) -> Counter[tuple[str, int, str]]:
        client = Coordinator(port, key)
        together.wait(timeout=60)
        for _ in range(number, attempts, CLIENTS):
            client.attempt(slot_id)
        client.connection.close()
        return client.seen

    with ThreadPoolExecutor(CLIENTS) as clients:
        return sum(
            clients.map(try_again_and_again, range(CLIENTS)), Counter[tuple[str, int, str]]()
        )
