"""A peer to compare with: what a geographic extension of PostgreSQL makes of the same question.

The nearest twenty with a need within a radius, and how many there are: a table with an index of
the extension's own, two statements, one Litestar handler. PostGIS where it is installed, else the
earthdistance that comes with PostgreSQL.
"""

from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from litestar import Litestar, MediaType, Request, Response, get

from directory.database import Database
from directory.offers import entries
from geo.gazetteer import resolve_place

#: How many rows it sends, which are a page of ours, and from how far.
PAGE, METRES = 20, 25_000


class Extension(NamedTuple):
    """How an extension makes a point of two columns, and asks what is near one."""

    needed: tuple[str, ...]
    point: str
    here: str
    near: str
    distance: str


EXTENSIONS = {
    "PostGIS": Extension(
        needed=("postgis",),
        point="ST_MakePoint(longitude, latitude)::geography",
        here="ST_MakePoint(%(longitude)s, %(latitude)s)::geography",
        near="ST_DWithin(point, {here}, %(metres)s)",
        distance="point <-> {here}",
    ),
    "earthdistance": Extension(
        needed=("cube", "earthdistance"),
        point="ll_to_earth(latitude, longitude)",
        here="ll_to_earth(%(latitude)s, %(longitude)s)",
        near="earth_box({here}, %(metres)s) @> point"
        " AND earth_distance({here}, point) <= %(metres)s",
        distance="earth_distance({here}, point)",
    ),
}


def install_peer(database: Database) -> str | None:
    """Make the peer's table of the search rows; return its name, or None where there is none."""
    if database.is_sqlite:
        return None
    engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("SET statement_timeout = 0")
        asked = sa.text("SELECT name FROM pg_available_extensions")
        available = set(connection.execute(asked).scalars())
        for name, extension in EXTENSIONS.items():
            if available.issuperset(extension.needed):
                for needed in extension.needed:
                    connection.exec_driver_sql(f"CREATE EXTENSION IF NOT EXISTS {needed}")
                connection.exec_driver_sql(
                    f"CREATE TABLE peer AS SELECT *, {extension.point} AS point"  # noqa: S608
                    f" FROM {entries.name} WHERE latitude IS NOT NULL"
                )
                connection.exec_driver_sql("CREATE INDEX ON peer USING gist (point)")
                connection.exec_driver_sql("ANALYZE peer")
                return name
    return None


def peer_app(database_url: str) -> Litestar:
    """Build an application that answers ``near``, ``need`` and a radius of 25 km."""
    database = Database(database_url)
    with database.reading() as session:
        asked = sa.text("SELECT extname FROM pg_extension")
        installed = set(session.connection().execute(asked).scalars())
    extension = next(each for each in EXTENSIONS.values() if installed.issuperset(each.needed))
    parts = {"here": extension.here}
    wanted = f"{extension.near.format(**parts)} AND needs LIKE %(need)s"
    page = (
        f"SELECT * FROM peer WHERE {wanted}"  # noqa: S608  (our own words)
        f" ORDER BY {extension.distance.format(**parts)} LIMIT {PAGE}"
    )
    count = f"SELECT count(*) AS total FROM peer WHERE {wanted}"  # noqa: S608  (as above)

    def ask(values: dict[str, Any]) -> bytes:
        with database.reading() as session:
            connection = session.connection()
            total = connection.exec_driver_sql(count, values).scalar_one()
            rows = [dict(row) for row in connection.exec_driver_sql(page, values).mappings()]
        for row in rows:
            del row["point"]
        return msgspec.json.encode({"total": total, "results": rows})

    @get("/api/v1/search", sync_to_thread=True)
    def answer(request: Request[Any, Any, Any]) -> Response[bytes]:
        given = request.query_params
        place = resolve_place(given["near"])
        values = {**place.point._asdict(), "metres": METRES, "need": f"% {given['need']} %"}
        return Response(ask(values), media_type=MediaType.JSON)

    return Litestar([answer], openapi_config=None, logging_config=None)
