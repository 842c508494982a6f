"""Questions about availability windows and agreements."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, or_, select

from directory.errors import NotFoundError
from directory.viewer import Viewer
from scheduling.models.agreements import Agreement
from scheduling.models.windows import AvailabilityWindow


def find_windows(
    session: Session, viewer: Viewer, *, after: UUID | None = None, limit: int = 100
) -> Sequence[AvailabilityWindow]:
    """Return the windows that the viewer's organization hosts, in the order of their ids."""
    found = (
        select(AvailabilityWindow)
        .where(AvailabilityWindow.organization_id == viewer.organization_id)
        .order_by(col(AvailabilityWindow.id))
        .limit(limit)
    )
    if after is not None:
        found = found.where(col(AvailabilityWindow.id) > after)
    return session.exec(found).all()


def get_window(session: Session, window_id: UUID, viewer: Viewer) -> AvailabilityWindow:
    """Return a window that the viewer's organization hosts."""
    window = session.get(AvailabilityWindow, window_id)
    if window is None or window.organization_id != viewer.organization_id:
        raise NotFoundError("window")
    return window


def find_agreements(
    session: Session, viewer: Viewer, *, after: UUID | None = None, limit: int = 100
) -> Sequence[Agreement]:
    """Return the agreements that the viewer's organization is a party to."""
    found = (
        select(Agreement)
        .where(
            or_(
                Agreement.host_organization_id == viewer.organization_id,
                Agreement.partner_organization_id == viewer.organization_id,
            )
        )
        .order_by(col(Agreement.id))
        .limit(limit)
    )
    if after is not None:
        found = found.where(col(Agreement.id) > after)
    return session.exec(found).all()


def get_agreement(session: Session, agreement_id: UUID, viewer: Viewer) -> Agreement:
    """Return an agreement that the viewer's organization is a party to."""
    agreement = session.get(Agreement, agreement_id)
    parties = (
        (agreement.host_organization_id, agreement.partner_organization_id) if agreement else ()
    )
    if agreement is None or viewer.organization_id not in parties:
        raise NotFoundError("agreement")
    return agreement
