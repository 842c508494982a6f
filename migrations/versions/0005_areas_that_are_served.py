"""areas that are served: words to find search rows by, and polygons

Search rows are found by what they state from now on. Those that are there get their words here,
from the service areas that count for each, so that no search loses anything on the way. Where
nothing is understood of what is stated, a row is found from everywhere until it is made anew.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
import sqlmodel
from alembic import op

from geo.geojson import GeoJSONError, read_shape
from geo.nested_grid import cells_of_boxes

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SHORT_NAME = re.compile(r"[0-9]{5}|[A-Z]{2}(:[^\s:]{1,60})?")

entries = sa.table(
    "search_entry",
    sa.column("id", sa.Uuid()),
    sa.column("service_id", sa.Uuid()),
    sa.column("service_at_location_id", sa.Uuid()),
    sa.column("cell", sa.Integer()),
    sa.column("areas", sa.String()),
)
stated = sa.table(
    "service_area",
    sa.column("id", sa.Uuid()),
    sa.column("service_id", sa.Uuid()),
    sa.column("service_at_location_id", sa.Uuid()),
    sa.column("extent", sa.String()),
    sa.column("extent_type", sa.String()),
)
words = sa.table("search_area", sa.column("word", sa.String()), sa.column("entry_id", sa.Uuid()))
cells = sa.table(
    "search_shape",
    sa.column("cell", sa.Integer()),
    sa.column("word", sa.String()),
    sa.column("entry_id", sa.Uuid()),
    sa.column("service_area_id", sa.Uuid()),
)


def _words(area: Any) -> set[str]:
    kind = (area.extent_type or "").strip().casefold()
    extent = area.extent or ""
    if kind == "geojson" or (not kind and extent.lstrip().startswith("{")):
        return {_polygon_word(extent)} if _cells(extent) else {"?"}
    parts = extent.split() if kind in ("", "text") else []
    return set(parts) if parts and all(map(SHORT_NAME.fullmatch, parts)) else {"?"}


def _polygon_word(extent: str) -> str:
    return "@" + hashlib.blake2b(extent.encode(), digest_size=16).hexdigest()


def _cells(extent: str) -> frozenset[int]:
    try:
        return cells_of_boxes(read_shape(extent).boxes)
    except GeoJSONError:
        return frozenset()


def _rows(connection: sa.Connection) -> Iterator[tuple[Any, list[Any]]]:
    """Yield the search rows, each with the service areas that count for it, some at a time."""
    last = None
    while True:
        some = sa.select(entries).order_by(entries.c.id).limit(500)
        found = connection.execute(some if last is None else some.where(entries.c.id > last)).all()
        if not found:
            return
        last = found[-1].id
        owners = {row.service_id for row in found} | {row.service_at_location_id for row in found}
        ids = owners - {None}
        by_owner: dict[Any, list[Any]] = {}
        those = stated.c.service_id.in_(ids) | stated.c.service_at_location_id.in_(ids)
        for area in connection.execute(sa.select(stated).where(those).order_by(stated.c.id)):
            for owner in {area.service_id, area.service_at_location_id} - {None}:
                by_owner.setdefault(owner, []).append(area)
        for row in found:
            own = by_owner.get(row.service_at_location_id) if row.service_at_location_id else None
            yield row, own or by_owner.get(row.service_id, [])


def _fill() -> None:
    connection = op.get_bind()
    for row, areas in list(_rows(connection)):
        said = set().union(*map(_words, areas)) if areas else set()
        understood = said - {"?"}
        # Where nothing was stated, the row has the states that stand in for it, if any.
        implied = set() if areas and any(a.extent for a in areas) else set(row.areas.split())
        kept = understood or said | {f"~{state[:60]}" for state in implied}
        found_by = understood
        if not understood and row.cell is None:
            found_by = {word for word in kept if word.startswith("~")} or {"*"}
        text = f" {' '.join(sorted(kept))} " if kept else " "
        connection.execute(sa.update(entries).where(entries.c.id == row.id).values(areas=text))
        for word in found_by:
            connection.execute(sa.insert(words).values(word=word, entry_id=row.id))
        drawn = {area.extent: area.id for area in reversed(areas) if _words(area) & understood}
        for extent, area_id in drawn.items():
            if _polygon_word(extent) in understood:
                for cell in _cells(extent):
                    connection.execute(
                        sa.insert(cells).values(
                            cell=cell,
                            word=_polygon_word(extent),
                            entry_id=row.id,
                            service_area_id=area_id,
                        )
                    )


def upgrade() -> None:
    op.create_table(
        "search_area",
        sa.Column("word", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["search_entry.id"],
            name=op.f("fk_search_area_entry_id_search_entry"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("word", "entry_id", name=op.f("pk_search_area")),
    )
    op.create_index(op.f("ix_search_area_entry_id"), "search_area", ["entry_id"], unique=False)
    op.create_table(
        "search_shape",
        sa.Column("cell", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("word", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("service_area_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["search_entry.id"],
            name=op.f("fk_search_shape_entry_id_search_entry"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("cell", "word", "entry_id", name=op.f("pk_search_shape")),
    )
    op.create_index(op.f("ix_search_shape_entry_id"), "search_shape", ["entry_id"], unique=False)
    _fill()


def downgrade() -> None:
    op.drop_index(op.f("ix_search_shape_entry_id"), table_name="search_shape")
    op.drop_table("search_shape")
    op.drop_index(op.f("ix_search_area_entry_id"), table_name="search_area")
    op.drop_table("search_area")
    connection = op.get_bind()
    for row in connection.execute(sa.select(entries).where(entries.c.areas != " ")).all():
        plain = [word.lstrip("~") for word in row.areas.split() if word[0] not in "?@"]
        text = f" {' '.join(plain)} " if plain else " "
        connection.execute(sa.update(entries).where(entries.c.id == row.id).values(areas=text))
