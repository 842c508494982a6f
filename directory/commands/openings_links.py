"""Links with which somebody says how many places are open, without signing in."""

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from directory.errors import FieldError, InvalidError, NotFoundError
from directory.models.openings import OpeningsLink
from directory.models.services import Service, ServiceAtLocation
from directory.tokens import hash_token, new_token
from directory.viewer import Viewer

MAXIMUM_LABEL = 120
LONGEST_DAYS = 365


def make_openings_link(
    session: Session,
    service_at_location_id: UUID,
    *,
    label: str,
    days: int,
    viewer: Viewer,
    now: datetime,
) -> tuple[OpeningsLink, str]:
    """Return a new link for a place of the viewer's agency, and its secret: only its hash is kept.

    Raises ``NotFoundError`` for a place that is not theirs and ``InvalidError`` by field.
    """
    _check_own(session, service_at_location_id, viewer)
    words = " ".join(label.split())
    mistakes = []
    if not 1 <= len(words) <= MAXIMUM_LABEL:
        mistakes.append(FieldError("label", "Say in 1 to 120 letters who will have the link."))
    if not 1 <= days <= LONGEST_DAYS:
        mistakes.append(FieldError("days", "Give 1 day to 1 year (365)."))
    if mistakes:
        raise InvalidError(mistakes)
    token = new_token()
    link = OpeningsLink(
        service_at_location_id=service_at_location_id,
        token_hash=hash_token(token),
        label=words,
        account_id=viewer.account_id,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    session.add(link)
    session.flush()  # whoever lists the links next reads with Core
    return link, token


def revoke_openings_link(session: Session, link_id: UUID, *, viewer: Viewer, now: datetime) -> None:
    """Stop a link of the viewer's agency; one that was stopped before stays as it is."""
    link = session.exec(
        select(OpeningsLink).where(OpeningsLink.id == link_id).with_for_update()
    ).one_or_none()
    if link is None:
        raise NotFoundError("link")
    _check_own(session, link.service_at_location_id, viewer, kind="link")
    link.revoked_at = link.revoked_at or now


def note_use(session: Session, link_id: UUID, *, now: datetime) -> None:
    """Keep when a link was last used to say something."""
    session.connection().execute(
        sa.update(OpeningsLink).where(col(OpeningsLink.id) == link_id).values(last_used_at=now)
    )


def _check_own(
    session: Session,
    service_at_location_id: UUID,
    viewer: Viewer,
    *,
    kind: str = "service at a location",
) -> None:
    owner = session.exec(
        select(Service.organization_id)
        .join(ServiceAtLocation)
        .where(ServiceAtLocation.id == service_at_location_id)
    ).one_or_none()
    if owner is None or owner != viewer.organization_id:
        raise NotFoundError(kind)
