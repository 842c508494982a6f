"""Clients hold, book, let go and cancel as they like, and some forget what they hold.

What they saw is judged afterwards (``history``): never too many in a slot, never "full" without
reason. The server's clock runs fast, so that holds lapse while it goes on.
"""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import UUID

import pytest

from directory.database import Database
from tests.endurance.clock import FastClock
from tests.endurance.history import Refusal, Span, Taking, Verdict, judge
from tests.endurance.scene import Partner, Scene, set_the_scene
from tests.endurance.server import Server
from tests.scheduling.unguarded import no_constraints

CLIENTS = 8
CAPACITY = 3
SLOTS = 50

#: The server reads its clock when a request begins, which is a little after the client sent it.
A_LITTLE = 0.05


@dataclass
class Seen:
    """What one client saw."""

    takings: list[Taking[UUID]] = field(default_factory=list)
    refusals: list[Refusal[UUID]] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)


@dataclass
class Having:
    """What a client has: a hold or an appointment, and since when."""

    slot: UUID
    places: int
    path: str
    asked: float
    granted: float
    lapses: float = inf


class Client:
    """Does one thing after the other, by chance."""

    def __init__(self, port: int, key: str, scene: Scene, clock: FastClock, seed: int) -> None:
        self._partner = Partner(port, key)
        self._slots = scene.slot_ids
        self._clock = clock
        self._dice = random.Random(seed)  # noqa: S311  (chance, not secrecy)
        self._holds: list[Having] = []
        self._booked: list[Having] = []
        self.seen = Seen()

    def work(self, steps: int) -> Seen:
        """Take so many steps; return what was seen, with what is still there at the end."""
        for _ in range(steps):
            self._step()
        for having in [*self._holds, *self._booked]:
            self._end(having, Span(inf, inf))
        self._partner.close()
        return self.seen

    def _step(self) -> None:
        chance = self._dice.random()
        if self._holds and chance < 0.5:
            having = self._holds.pop(self._dice.randrange(len(self._holds)))
            if chance < 0.3:
                self._confirm(having)
            elif chance < 0.45:
                self._let_go(having)
            else:  # forgotten: it lapses
                self._end(having, Span(inf, inf))
        elif self._booked and chance < 0.75:
            having = self._booked.pop(self._dice.randrange(len(self._booked)))
            self._give_back(having, "POST", f"{having.path}/cancel", {"reason": "mistake"})
        else:
            self._hold()

    def _hold(self) -> None:
        slot, places = self._dice.choice(self._slots), self._dice.choice((1, 1, 1, 2))
        asked = monotonic()
        status, reply = self._partner.hold(slot, places=places)
        answered = monotonic()
        self._note(status, reply)
        if status == 201:
            lapses = self._clock.reads(datetime.fromisoformat(reply["expires_at"]))
            path = f"holds/{reply['id']}"
            self._holds.append(Having(slot, places, path, asked, answered, lapses))
        elif reply["type"].endswith("slot-full"):
            self.seen.refusals.append(Refusal(slot, places, Span(asked, answered)))

    def _confirm(self, having: Having) -> None:
        status, reply = self._partner.send("POST", f"{having.path}/confirm", {})
        self._note(status, reply)
        if status == 201:
            having.path, having.lapses = f"appointments/{reply['id']}", inf
            self._booked.append(having)
        else:
            assert reply["type"].endswith(("hold-expired", "not-found")), reply
            self._end(having, Span(inf, inf))

    def _let_go(self, having: Having) -> None:
        self._give_back(having, "DELETE", having.path, None)

    def _give_back(self, having: Having, method: str, path: str, body: Any) -> None:
        asked = monotonic()
        status, reply = self._partner.send(method, path, body)
        self._note(status, reply)
        assert status in (200, 204, 404), reply
        self._end(having, Span(asked, monotonic()))

    def _end(self, having: Having, giving_back: Span) -> None:
        """Note a taking that ended: given back in that span, or by the clock before."""
        surely = min(giving_back.begins, having.lapses - A_LITTLE)
        maybe = min(giving_back.ends, having.lapses + A_LITTLE)
        self.seen.takings.append(
            Taking(
                having.slot, having.places, Span(having.granted, surely), Span(having.asked, maybe)
            )
        )

    def _note(self, status: int, reply: Any) -> None:
        kind = reply["type"].rpartition("/")[2] if reply and status >= 400 else ""
        self.seen.answers[f"{status} {kind}".strip()] += 1
        assert status < 500, reply


def churn(
    database: Database,
    server: Server,
    *,
    operations: int,
    slots: int = SLOTS,
) -> tuple[Verdict[UUID], Counter[str]]:
    """Let the clients loose, and judge what they saw."""
    scene = set_the_scene(database, slots=slots, capacity=CAPACITY, partners=CLIENTS)
    with server:
        clients = [
            Client(server.port, key, scene, server.clock, seed)
            for seed, key in enumerate(scene.keys)
        ]
        with ThreadPoolExecutor(CLIENTS) as threads:
            seen = list(threads.map(lambda one: one.work(operations // CLIENTS), clients))
    takings = [taking for one in seen for taking in one.takings]
    refusals = [refusal for one in seen for refusal in one.refusals]
    answers = sum((one.answers for one in seen), Counter[str]())
    return judge(CAPACITY, takings, refusals), answers


@pytest.mark.parametrize(
    ("operations", "speed"), [(800, 120.0), pytest.param(200_000, 30.0, marks=pytest.mark.long)]
)
def test_nobody_sees_a_slot_over_capacity_or_a_false_full(
    database: Database, database_url: str, tmp_path: Path, operations: int, speed: float
) -> None:
    server = Server(database_url, tmp_path, speed=speed)

    verdict, answers = churn(database, server, operations=operations)

    assert verdict.over_capacity == []
    assert verdict.false_refusals == []
    assert answers["201"] > operations / 4
    assert answers["409 slot-full"] > operations / 100


def test_without_the_guards_the_same_clients_see_slots_over_capacity(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    """The test can fail: no lock on the slot, no constraints on its places."""
    server = Server(database_url, tmp_path, speed=120.0, guarded=False)

    with no_constraints(database):
        verdict, _ = churn(database, server, operations=500, slots=2)

    assert verdict.over_capacity
