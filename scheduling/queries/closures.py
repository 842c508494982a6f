"""Questions about closures."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from directory.viewer import Viewer
from scheduling.models.windows import Closure


def find_own_closures(
    session: Session, viewer: Viewer, *, after: UUID | None = None, limit: int = 100
) -> Sequence[Closure]:
    """Return the closures of the viewer's organization, lifted ones too, by id."""
    mine = (
        select(Closure)
        .where(Closure.organization_id == viewer.organization_id)
        .order_by(col(Closure.id))
        .limit(limit)
    )
    if after is not None:
        mine = mine.where(col(Closure.id) > after)
    return session.exec(mine).all()
