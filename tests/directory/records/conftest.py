"""An editor: every command through it leaves searches true, on both databases."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import msgspec
import pytest
import sqlalchemy as sa
from sqlmodel import Session

from directory.commands.history import API, Change
from directory.commands.records.editing import change_record, create_record, remove_record
from directory.commands.undo import OneField, undo_change
from directory.database import Row, find_row, find_rows
from directory.index import find_stale_services
from directory.kinds.locations import LocationDraft
from directory.kinds.organizations import OrganizationDraft
from directory.kinds.services import (
    NewServiceAtLocationDraft,
    ServiceAtLocationDraft,
    ServiceDraft,
)
from directory.models import TABLES
from directory.models.accounts import Role
from directory.viewer import Viewer
from tests.conftest import NOON
from tests.factories import make_organization, make_viewer

DRAFTS: dict[str, Any] = {
    "organization": OrganizationDraft,
    "location": LocationDraft,
    "service": ServiceDraft,
    "service_at_location": ServiceAtLocationDraft,
}

STREET = "1 Lantern Way"
ADDRESS = {
    "address_1": STREET,
    "city": "Lansing",
    "state_province": "MI",
    "postal_code": "48933",
}

T = TypeVar("T")


@dataclass(frozen=True)
class Editor:
    """Somebody who edits, and looks after each command whether searches are true."""

    session: Session
    viewer: Viewer
    now: datetime = NOON

    @property
    def organization(self) -> UUID:
        assert self.viewer.organization_id
        return self.viewer.organization_id

    def later(self, minutes: int = 1) -> "Editor":
        return replace(self, now=self.now + timedelta(minutes=minutes))

    def row(self, table: str, record_id: UUID) -> Row:
        rows = TABLES[table]
        found = find_row(self.session, sa.select(rows).where(rows.c.id == record_id))
        assert found is not None
        return found

    def rows(self, table: str, **where: Any) -> list[Row]:
        rows = TABLES[table]
        wanted = [rows.c[name] == value for name, value in where.items()]
        return list(find_rows(self.session, sa.select(rows).where(*wanted).order_by(rows.c.id)))

    def create(self, table: str, *, organization_id: UUID | None = None, **values: Any) -> UUID:
        kind = NewServiceAtLocationDraft if table == "service_at_location" else DRAFTS[table]
        draft = msgspec.convert(values, kind)
        return self._looking(
            lambda: create_record(
                self.session, table, draft, viewer=self.viewer, now=self.now, origin=API,
                organization_id=organization_id,
            )
        )  # fmt: skip

    def change(
        self, table: str, record_id: UUID, *, expected: int | None = None, **values: Any
    ) -> Change:
        seen = self.row(table, record_id)["version"] if expected is None else expected
        draft = msgspec.convert(values, DRAFTS[table])
        return self._looking(
            lambda: change_record(
                self.session, table, record_id, draft, expected=seen, viewer=self.viewer,
                now=self.now, origin=API,
            )
        )  # fmt: skip

    def remove(self, table: str, record_id: UUID) -> Change:
        seen = self.row(table, record_id)["version"]
        return self._looking(
            lambda: remove_record(
                self.session, table, record_id, expected=seen, viewer=self.viewer, now=self.now,
                origin=API,
            )
        )  # fmt: skip

    def undo(self, change: Change | UUID, only: OneField | None = None) -> Change:
        change_id = change.id if isinstance(change, Change) else change
        return self._looking(
            lambda: undo_change(
                self.session, change_id, viewer=self.viewer, now=self.now, origin=API, only=only
            )
        )

    def last_change(self) -> UUID:
        lines = TABLES["metadata"]
        newest = sa.select(lines.c.change_id).order_by(lines.c.last_action_at.desc()).limit(1)
        found: UUID = self.session.connection().execute(newest).scalar_one()
        return found

    def _looking(self, command: Callable[[], T]) -> T:
        result = command()
        assert find_stale_services(self.session, now=self.now) == set()
        return result


@pytest.fixture
def editor(session: Session) -> Editor:
    """A publisher of an agency."""
    organization = make_organization(session, "Lanternfish Pantry")
    return Editor(session, make_viewer(session, organization, Role.PUBLISHER))


@pytest.fixture
def stranger(session: Session) -> Editor:
    """A publisher of another one."""
    organization = make_organization(session, "Heron House")
    return Editor(session, make_viewer(session, organization, Role.PUBLISHER))


@pytest.fixture
def administrator(session: Session) -> Editor:
    """Somebody who may edit everything."""
    organization = make_organization(session, "The Network")
    return Editor(session, make_viewer(session, organization, Role.ADMINISTRATOR))


@pytest.fixture
def place(editor: Editor) -> UUID:
    return editor.create("location", name="The Hall", addresses=[ADDRESS])


@pytest.fixture
def service(editor: Editor) -> UUID:
    return editor.create("service", name="Food parcels", needs=["food"])


@pytest.fixture
def offer(editor: Editor, service: UUID, place: UUID) -> UUID:
    return editor.create("service_at_location", service_id=service, location_id=place)
