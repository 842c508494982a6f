"""Deciding who may know where a place is, when an import has hidden it to be on the safe side."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, select

from directory.commands.history import PAGE, Change, update_row
from directory.commands.records.finishing import finish_change
from directory.database import find_row
from directory.errors import ConflictError, InvalidError, NotFoundError
from directory.models.imports import PlaceReview
from directory.models.locations import AddressVisibility
from directory.offers import locations
from directory.viewer import Viewer


class PlaceDecidedError(ConflictError):
    """Somebody has decided about this place already."""

    code = "place-decided"

    def __init__(self) -> None:
        super().__init__("Somebody has decided about this place already. Load the page again.")


def decide_place(
    session: Session,
    location_id: UUID,
    decision: AddressVisibility,
    *,
    authorized: bool,
    viewer: Viewer,
    now: datetime,
) -> None:
    """Settle who may know where a place is that an import hid.

    A place that is opened has no address yet: nothing of it was kept. The next import of its
    source brings the address, and is not held back again. Opening takes ``authorized``: that
    whoever runs the place has agreed in writing (24 CFR 578 asks that of shelters). Raises
    ``InvalidError`` without it, ``PlaceDecidedError`` the second time.
    """
    review = session.exec(
        select(PlaceReview).where(PlaceReview.location_id == location_id).with_for_update()
    ).one_or_none()
    if review is None:
        raise NotFoundError("place")
    if review.decided_at is not None:
        raise PlaceDecidedError
    if decision is AddressVisibility.PUBLIC and not authorized:
        raise InvalidError.of(
            "authorized", "To show the address, those who run the place must agree in writing."
        )
    review.decision, review.decided_at, review.account_id = decision, now, viewer.account_id
    place = find_row(session, sa.select(locations).where(locations.c.id == location_id))
    if place is None:
        raise NotFoundError("place")
    owner = place["organization_id"]
    change = Change(viewer=viewer, now=now, origin=PAGE, organization_id=owner)
    if update_row(session, change, "location", place, {"address_visibility": decision}):
        finish_change(session, change)
