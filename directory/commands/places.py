"""Deciding who may know where a place is, when an import has hidden it to be on the safe side."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from directory.errors import ConflictError, InvalidError, NotFoundError
from directory.index import refresh_services
from directory.models.imports import PlaceReview
from directory.models.locations import AddressVisibility, Location
from directory.models.services import ServiceAtLocation
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
    location = session.get_one(Location, location_id)
    location.address_visibility = decision
    location.version += 1
    offered = select(ServiceAtLocation.service_id).where(
        col(ServiceAtLocation.location_id) == location_id
    )
    refresh_services(session, session.exec(offered).all(), now=now)
