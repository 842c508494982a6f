"""For those who operate an installation."""

import sqlalchemy as sa
from litestar import get
from msgspec import Struct

from api.authentication import anyone
from api.dependencies import InjectedDatabase
from api.problems import problem_responses


class HealthReply(Struct):
    """Whether the process and its database answer."""

    status: str
    database: str


@get(
    "/health",
    operation_id="health",
    tags=["Operations"],
    guards=[anyone],
    sync_to_thread=True,
    responses=problem_responses(503),
)
def health(database: InjectedDatabase) -> HealthReply:
    """Say that the process runs and its database answers."""
    with database.reading() as session:
        session.connection().execute(sa.text("SELECT 1"))
    return HealthReply(status="ok", database=database.engine.dialect.name)
