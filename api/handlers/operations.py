"""For those who operate an installation."""

import sqlalchemy as sa
from litestar import get
from msgspec import Struct

from api.authentication import anyone
from api.dependencies import InjectedDatabase, InjectedFinder
from api.problems import problem_responses
from directory.search_copy.copy import SearchCopy


class HealthReply(Struct):
    """Whether the process and its database answer.

    ``search_copy``: whether searches are answered from memory too: ``ready``, ``not ready`` until
    somebody searched and all rows were read, or ``off``.
    """

    status: str
    database: str
    search_copy: str


@get(
    "/health",
    operation_id="health",
    tags=["Operations"],
    guards=[anyone],
    sync_to_thread=True,
    responses=problem_responses(503),
)
def health(database: InjectedDatabase, finder: InjectedFinder) -> HealthReply:
    """Say that the process runs and its database answers."""
    with database.reading() as session:
        session.connection().execute(sa.text("SELECT 1"))
    return HealthReply(
        status="ok", database=database.engine.dialect.name, search_copy=_state_of(finder.copy)
    )


def _state_of(copy: SearchCopy | None) -> str:
    if copy is None:
        return "off"
    return "ready" if copy.is_loaded else "not ready"
