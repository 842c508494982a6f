"""The server is killed while it works, over and over: what was acknowledged is there.

A killed process loses nothing that it wrote, however weakly it was synced; power cuts do
(``test_power_cuts``). What this shows is that nothing is half done, and that the next process
goes on by itself.
"""

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from time import sleep
from uuid import UUID

import pytest
from sqlmodel import select

from directory.database import Database
from scheduling.models.bookings import Hold
from tests.conftest import NOON
from tests.endurance.scene import LOST, Partner, Scene, fresh_key, set_the_scene
from tests.endurance.server import Server
from tests.endurance.stores import find_torn, lost
from tests.factories import TEN_MINUTES

CLIENTS = 4


def book_until(over: Event, port: int, key: str, slot_ids: list[UUID]) -> list[str]:
    """Book one slot after the other; return the appointments that were acknowledged."""
    partner = Partner(port, key, timeout=10)
    acknowledged: list[str] = []
    while not over.is_set():
        slot_id = slot_ids[len(acknowledged) % len(slot_ids)]
        try:
            status, hold = partner.hold(slot_id, key=fresh_key())
            if status == 201:
                status, booked = partner.confirm(hold["id"], key=fresh_key())
                if status == 201:
                    acknowledged.append(booked["id"])
        except LOST:
            sleep(0.02)
    partner.close()
    return acknowledged


def killed_again_and_again(server: Server, scene: Scene, cycles: int) -> list[str]:
    over = Event()
    dice = random.Random(7)  # noqa: S311  (chance, not secrecy)
    with server, ThreadPoolExecutor(CLIENTS) as threads:
        working = [
            threads.submit(book_until, over, server.port, key, scene.slot_ids[number::CLIENTS])
            for number, key in enumerate(scene.keys)
        ]
        try:
            for _ in range(cycles):
                wait_until_it_answers(server.port, scene.keys[0])
                sleep(dice.uniform(0.05, 0.4))
                server.kill()
                server.start()
            wait_until_it_answers(server.port, scene.keys[0])
        finally:
            over.set()
        return [id_ for one in working for id_ in one.result(timeout=60)]


def wait_until_it_answers(port: int, key: str) -> None:
    partner = Partner(port, key)
    status, _ = partner.send("GET", "windows")
    partner.close()
    assert status == 200


@pytest.mark.parametrize("cycles", [2, pytest.param(200, marks=pytest.mark.long)])
def test_what_was_acknowledged_survives_every_kill(
    database: Database, database_url: str, tmp_path: Path, cycles: int
) -> None:
    scene = set_the_scene(database, slots=200, capacity=400, partners=CLIENTS)

    acknowledged = killed_again_and_again(Server(database_url, tmp_path), scene, cycles)

    assert len(acknowledged) > 2 * cycles
    with database.reading() as session:
        assert lost(session, acknowledged) == set()
        assert find_torn(session, now=NOON) == []
        left = session.exec(select(Hold)).all()
    assert all(hold.expires_at <= NOON + TEN_MINUTES for hold in left)
