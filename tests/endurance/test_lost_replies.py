"""Replies are lost, connections reset, requests repeated: each intent has one effect (I7)."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session, func, select

from directory.database import Database
from scheduling.models.bookings import Appointment, Hold
from scheduling.models.slots import SlotPlace
from tests.endurance.proxy import FaultyProxy
from tests.endurance.scene import LOST, Partner, Scene, fresh_key, set_the_scene
from tests.endurance.server import Server

CLIENTS = 8
CAPACITY = 20
MOST_TRIES = 60


class PersistentPartner:
    """Sends a request again, under the same key or under none, until an answer comes."""

    def __init__(self, port: int, key: str, *, with_keys: bool) -> None:
        self._partner = Partner(port, key)
        self._with_keys = with_keys
        self.tries = 0

    def book(self, slot_id: UUID) -> str:
        """Hold and confirm; return the appointment's id."""
        hold = self._until_answered(f"slots/{slot_id}/holds", {"places": 1})
        booked: str = self._until_answered(f"holds/{hold['id']}/confirm", {})["id"]
        return booked

    def hold(self, slot_id: UUID) -> str:
        """Only hold; return the hold's id."""
        held: str = self._until_answered(f"slots/{slot_id}/holds", {"places": 1})["id"]
        return held

    def _until_answered(self, path: str, body: Any) -> Any:
        key = fresh_key() if self._with_keys else None
        for _ in range(MOST_TRIES):
            self.tries += 1
            try:
                status, reply = self._partner.send("POST", path, body, key=key)
            except LOST:
                continue
            finally:
                self._partner.close()  # one request a connection
            assert status in (201, 503), (status, reply)
            if status == 201:
                return reply
        raise AssertionError(f"No answer after {MOST_TRIES} tries.")


def count(session: Session, table: Any) -> int:
    counted: int = session.exec(select(func.count()).select_from(table)).one()
    return counted


def share_out(scene: Scene, port: int, intents: int, *, with_keys: bool, do: str) -> Counter[str]:
    """Have every client do its share of the intents; return how often each id was answered."""

    def work(number: int) -> list[str]:
        partner = PersistentPartner(port, scene.keys[number], with_keys=with_keys)
        mine = range(number, intents, CLIENTS)
        return [
            getattr(partner, do)(scene.slot_ids[intent % len(scene.slot_ids)]) for intent in mine
        ]

    with ThreadPoolExecutor(CLIENTS) as clients:
        return Counter(id_ for ids in clients.map(work, range(CLIENTS)) for id_ in ids)


@pytest.mark.parametrize("intents", [200, pytest.param(10_000, marks=pytest.mark.long)])
def test_ten_thousand_intents_have_ten_thousand_effects(
    database: Database, database_url: str, tmp_path: Path, intents: int
) -> None:
    scene = set_the_scene(
        database, slots=-(-intents // CAPACITY), capacity=CAPACITY, partners=CLIENTS
    )
    with (
        Server(database_url, tmp_path) as server,
        FaultyProxy(server.port, lost=0.3, reset=0.1, repeated=0.05) as proxy,
    ):
        answered = share_out(scene, proxy.port, intents, with_keys=True, do="book")

    assert proxy.did["lost"] > 0.2 * intents
    assert proxy.did["reset"] > 0
    assert proxy.did["repeated"] > 0
    assert len(answered) == intents
    with database.reading() as session:
        assert count(session, Appointment) == intents
        assert count(session, SlotPlace) == intents
        assert count(session, Hold) == 0


def test_without_keys_the_same_intents_have_more_effects(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    """The test can fail: nothing but the key keeps an intent from having two effects."""
    intents = 100
    scene = set_the_scene(database, slots=40, capacity=CAPACITY, partners=CLIENTS)
    with (
        Server(database_url, tmp_path) as server,
        FaultyProxy(server.port, lost=0.3, reset=0.1, repeated=0.05) as proxy,
    ):
        share_out(scene, proxy.port, intents, with_keys=False, do="hold")

    with database.reading() as session:
        assert count(session, Hold) > intents
