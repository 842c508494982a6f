"""Everything that a region's agencies list in the directory."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from seed.agencies import AGENCIES, Agency
from seed.branches import Branch, add_branch, branches_of
from seed.lines import LINES
from seed.names import SOURCE, dice, phone_number, row_id
from seed.offers import OFFERS, Offer
from seed.places import Region
from seed.rows import Rows
from seed.services import Listing, add_service

#: At how many branches a service "all over" is offered, at most.
_ALL_OVER = 3


class Offered(NamedTuple):
    """A service at one of an agency's branches; ``id`` is the service_at_location's.

    A service without a place has neither.
    """

    service_id: UUID
    organization_id: UUID
    agency: Agency
    offer_key: str
    offer: Offer
    id: UUID | None = None
    branch: Branch | None = None


def organization_id_of(agency_key: str, region_number: int = 0) -> UUID:
    """Return the identifier of an agency in a region; region 0 is the demo county itself."""
    return row_id(region_number, agency_key)


def list_region(
    rows: Rows, region: Region, need_ids: Mapping[str, UUID], *, now: datetime
) -> Sequence[Offered]:
    """Gather the directory rows of a region, and return what is offered there, in order."""
    offered: list[Offered] = []
    for agency in AGENCIES:
        organization_id = organization_id_of(agency.key, region.number)
        branches = branches_of(region, agency)
        _add_organization(rows, region, agency, organization_id)
        for branch in branches:
            add_branch(rows, agency, organization_id, branch)
        for key, place, at in _placings(agency, branches):
            offer = OFFERS.get(key) or LINES[key]
            listing = Listing(region, agency, organization_id, key, offer, place, at)
            add_service(rows, listing, need_ids, now=now)
            offered.extend(_offer(rows, listing))
    return offered


def _placings(
    agency: Agency, branches: Sequence[Branch]
) -> Iterator[tuple[str, str, Sequence[Branch]]]:
    """Yield each service of an agency: its offer, what its name adds, and its branches."""
    shown = [branch for branch in branches if not branch.is_hidden]
    for key in agency.each.split():
        for branch in shown:
            yield key, branch.place, [branch]
    for key in agency.all_over.split():
        yield key, "", shown[:_ALL_OVER]
    for key in agency.hidden.split():
        yield key, "", [branch for branch in branches if branch.is_hidden]
    for key in agency.remote.split():
        yield key, "", []


def _offer(rows: Rows, listing: Listing) -> Iterator[Offered]:
    """Gather the places of a service, and yield each; or the service itself, without a place."""
    anywhere = Offered(
        listing.id, listing.organization_id, listing.agency, listing.offer_key, listing.offer
    )
    if not listing.branches:
        yield anywhere
    for branch in listing.branches:
        offered_id = listing.id_at(branch)
        rows.add(
            "service_at_location",
            id=offered_id,
            source=SOURCE,
            service_id=listing.id,
            location_id=branch.id,
        )
        yield anywhere._replace(id=offered_id, branch=branch)


def _add_organization(rows: Rows, region: Region, agency: Agency, organization_id: UUID) -> None:
    rows.add(
        "organization",
        id=organization_id,
        source=SOURCE,
        name=agency.name + region.suffix,
        description=f"{agency.about} An invented agency, for trying things out.",
        email=f"hello@{agency.domain}",
        website=f"https://{agency.domain}/",
        year_incorporated=dice("founded", agency.key).randrange(1901, 2020),
        legal_status="nonprofit",
    )
    rows.add(
        "phone",
        id=row_id(organization_id, "phone"),
        source=SOURCE,
        organization_id=organization_id,
        number=phone_number(region.towns[agency.zips.split()[0]].area_code, organization_id),
        type="voice",
        description="Main line",
    )
    rows.add(
        "contact",
        id=row_id(organization_id, "contact"),
        source=SOURCE,
        organization_id=organization_id,
        title="Intake desk",
        email=f"intake@{agency.domain}",
    )
