"""The tables that search reads: a projection, kept in the same transaction as its sources."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, Index, SQLModel


class SearchEntry(SQLModel, table=True):
    """One line that a search can find: a service at a location, or a service without one.

    ``id`` is that of the service_at_location, or of the service where it has no location.

    - ``x``, ``y``, ``z``: the place in earth-centred metres (WGS 84); ``cell``: its 0.1-degree
      grid cell (``geo.grid``). Empty for a service by phone and for a hidden place.
    - ``needs``, ``languages``, ``areas``: codes between spaces, with a space at both ends, so
      that ``LIKE '% food %'`` finds one. ``needs`` contains the ancestors too.
    - ``areas`` says whom it serves, stated or not (``directory.service_areas``).
    - ``text``: the words to find it by, case and accents folded (``directory.folding``).
    - ``opens_at``, ``closes_at``: the present or next open interval when the row was made. They
      settle "open at t?" exactly for t before ``closes_at``; after it, ask ``directory.hours``.
    - ``openings``: what was last said about room, of each unit and population, in the order in
      which it is shown (``directory.openings``). Each part counts until its own ``expires_at``:
      the last until ``opening_expires_at``, the last that has room until ``opening_room_until``.
    - ``vital``: the vital fields that the listing has, as codes between spaces. ``checked_at``
      is when the one of them that waits longest was last checked, empty where one never was;
      ``checked_how`` is that check's method. ``hours_checked_*`` say the same of the hours alone.
    - ``hours_claimed_until``: from then on the hours are shown and no longer claimed: nobody
      stands by them (``directory.truth``). Empty while nothing speaks against them.
    """

    __tablename__ = "search_entry"
    __table_args__ = (
        Index("ix_search_entry_cell", "cell"),
        Index("ix_search_entry_closes_at", "closes_at"),
        Index("ix_search_entry_service", "service_id"),
    )

    id: UUID = Field(primary_key=True)
    service_id: UUID = Field(foreign_key="service.id")
    organization_id: UUID = Field(foreign_key="organization.id")
    service_at_location_id: UUID | None = Field(
        default=None, foreign_key="service_at_location.id", unique=True
    )
    location_id: UUID | None = Field(default=None, foreign_key="location.id", index=True)
    service_name: str
    organization_name: str
    location_name: str | None = None
    address: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    approximate: bool = False
    timezone: str
    phone: str | None = None
    cell: int | None = None
    x: float | None = None
    y: float | None = None
    z: float | None = None
    needs: str = " "
    languages: str = " "
    areas: str = " "
    text: str = Field(default="", sa_type=sa.Text)
    is_free: bool = False
    temporarily_closed: bool = False
    by_appointment: bool = False
    hours_known: bool = False
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    openings: list[dict[str, Any]] = Field(default_factory=list, sa_type=sa.JSON)
    opening_expires_at: datetime | None = None
    opening_room_until: datetime | None = None
    verified_on: str | None = None
    vital: str = " "
    checked_at: datetime | None = None
    checked_how: str | None = Field(default=None, max_length=20)
    hours_checked_at: datetime | None = None
    hours_checked_how: str | None = Field(default=None, max_length=20)
    hours_claimed_until: datetime | None = None


class SearchArea(SQLModel, table=True):
    """A word under which a search row is found by the area it serves, not by where it is.

    Which words those are is said in ``directory.service_areas``.
    """

    __tablename__ = "search_area"

    word: str = Field(primary_key=True, max_length=80)
    entry_id: UUID = Field(
        primary_key=True, foreign_key="search_entry.id", ondelete="CASCADE", index=True
    )


class SearchShape(SQLModel, table=True):
    """A cell (``geo.nested_grid``) that a polygon is known by which a search row states.

    ``word`` is the polygon's, as in ``search_area``; the polygon itself is the extent of the
    ``service_area``. That is no foreign key: what is removed is removed before its search rows
    are made anew.
    """

    __tablename__ = "search_shape"

    cell: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    word: str = Field(primary_key=True, max_length=80)
    entry_id: UUID = Field(
        primary_key=True, foreign_key="search_entry.id", ondelete="CASCADE", index=True
    )
    service_area_id: UUID
