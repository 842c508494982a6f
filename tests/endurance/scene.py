"""A host with slots, and partner agencies whose software books them over real HTTP."""

import http.client
import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from directory.commands.accounts import create_api_key
from directory.database import Database
from directory.models.accounts import Role
from directory.viewer import Viewer
from scheduling.models.windows import BookableBy
from scheduling.queries.slots import find_bookable_slots
from tests.conftest import NOON
from tests.factories import make_agreement, make_offer, make_organization, make_window


@dataclass(frozen=True, slots=True)
class Scene:
    """Slots that every partner may book, and the keys of the partners: one for each client."""

    slot_ids: list[UUID]
    keys: list[str] = field(repr=False)


def set_the_scene(
    database: Database, *, slots: int, capacity: int, partners: int, horizon_days: int = 300
) -> Scene:
    """Publish a window with ``slots`` slots or a few more, the first on the day after NOON."""
    with database.transaction() as session:
        host = make_organization(session, "Host")
        offer = make_offer(session, organization=host)
        days = -(-slots // 4)
        make_window(
            session,
            offer,
            freq="DAILY",
            byday=(),
            count=days,
            capacity=capacity,
            bookable_by=BookableBy.PARTNERS,
            horizon_days=min(horizon_days, days + 2),
        )
        rows = find_bookable_slots(session, Viewer(host.id), now=NOON, limit=slots)
        keys = []
        for number in range(partners):
            partner = make_organization(session, f"Partner {number}")
            make_agreement(session, host.id, partner.id)
            keys.append(
                create_api_key(
                    session,
                    organization_id=partner.id,
                    role=Role.COORDINATOR,
                    name="Endurance",
                    now=NOON,
                )
            )
    assert len(rows) == slots
    return Scene([row["id"] for row in rows], keys)


class Partner:
    """One client with one connection. A lost connection is an ``OSError`` or ``HTTPException``."""

    def __init__(self, port: int, key: str, *, timeout: float = 60) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def close(self) -> None:
        """Hang up; the next request connects anew."""
        self._connection.close()

    def send(
        self, method: str, path: str, body: Any = None, *, key: str | None = None
    ) -> tuple[int, Any]:
        """Send a request and return the status and the decoded reply."""
        headers = {**self._headers, "Idempotency-Key": key} if key else self._headers
        sent = None if body is None else json.dumps(body).encode()
        try:
            self._connection.request(method, f"/api/v1/{path}", sent, headers)
            response = self._connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        return response.status, json.loads(content) if content else None

    def hold(self, slot_id: UUID, *, places: int = 1, key: str | None = None) -> tuple[int, Any]:
        """Keep places in a slot."""
        return self.send("POST", f"slots/{slot_id}/holds", {"places": places}, key=key)

    def confirm(self, hold_id: str, *, key: str | None = None) -> tuple[int, Any]:
        """Book what a hold keeps."""
        return self.send("POST", f"holds/{hold_id}/confirm", {}, key=key)


#: What a connection that breaks raises.
LOST = (OSError, http.client.HTTPException)


def fresh_key() -> str:
    """Return an Idempotency-Key."""
    return str(uuid4())
