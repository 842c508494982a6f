"""The tables that search reads: a projection, kept in the same transaction as its sources."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, Index, SQLModel

#: Longer words are found too, but nothing is taken for a misspelling of one.
LONGEST_WORD = 40


class SearchRule(SQLModel, table=True):
    """A rule of eligibility that search rows have, kept once however many have it.

    ``id`` comes from the rule itself, so it never changes; ``rule`` is the JSON of
    ``directory.eligibility_rules`` in canonical form.
    """

    __tablename__ = "search_rule"

    id: UUID = Field(primary_key=True)
    rule: dict[str, Any] = Field(sa_type=sa.JSON)


class SearchEntry(SQLModel, table=True):
    """One line that a search can find: a service at a location, or a service without one.

    ``id`` is that of the service_at_location, or of the service where it has no location.

    - ``x``, ``y``, ``z``: the place in earth-centred metres (WGS 84); ``cell``: its 0.1-degree
      grid cell (``geo.grid``). Empty for a service by phone and for a hidden place.
    - ``needs``, ``languages``, ``areas``: codes between spaces, with a space at both ends, so
      that ``LIKE '% food %'`` finds one. ``needs`` contains the ancestors too.
    - ``areas`` says whom it serves, stated or not (``directory.service_areas``).
    - ``text``: the words to find it by, folded, in three parts (``directory.search_text``).
    - ``opens_at``, ``closes_at``: the present or next open interval when the row was made. They
      settle "open at t?" exactly for t before ``closes_at``; after it, ask ``directory.hours``.
    - ``openings``: what was last said about room, of each unit and population, in the order in
      which it is shown (``directory.openings``). Each part counts until its own ``expires_at``:
      the last until ``opening_expires_at``, the last that has room until ``opening_room_until``.
    - ``rule_id``: whom it is for, of all that is said in a form that can be checked
      (``directory.service_rules``); empty where nothing is.
    - ``price_cents``: the lowest price that is stated in US dollars, 0 where it is free; empty
      where none is stated. It and ``is_free`` count until ``prices_until``, when a price next
      begins or ends (``directory.dated_prices``); empty where none will.
    - ``step_free``: the place says that one gets in without a step. ``remote``: there is nowhere
      to go.
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
        Index(
            "ix_search_entry_prices_until",
            "prices_until",
            sqlite_where=sa.text("prices_until IS NOT NULL"),
            postgresql_where=sa.text("prices_until IS NOT NULL"),
        ),
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
    price_cents: int | None = None
    prices_until: datetime | None = None
    step_free: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    remote: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    rule_id: UUID | None = Field(default=None, foreign_key="search_rule.id")
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


class SearchWord(SQLModel, table=True):
    """A word that some search row has, or had: what a misspelt word may have meant.

    Not unique: a writer adds what it does not see there, so that two writers neither wait for
    each other nor deadlock. A word that no row has any more is forgotten with the last that had
    it, unless two writers cross; whether a row has a word, ask the rows.
    """

    __tablename__ = "search_word"

    id: int | None = Field(default=None, primary_key=True)
    word: str = Field(max_length=LONGEST_WORD, index=True)


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
