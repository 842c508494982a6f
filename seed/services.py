"""One service of an agency, and all that describes it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from directory.models.services import ServiceStatus
from seed.agencies import Agency
from seed.branches import Branch
from seed.hours import schedule_rows
from seed.names import SOURCE, dice, phone_number, row_id
from seed.offers import Offer
from seed.places import HOME_ZIPS, Region
from seed.rows import Rows
from seed.rules import rule_of

DAY = timedelta(days=1)

#: English, and one of these with it; ISO 639-1, or 639-3 where there is none.
_LANGUAGES = (
    (),
    (("Spanish", "es"),),
    (("Spanish", "es"), ("Arabic", "ar")),
    (("Arabic", "ar"),),
    (("Nepali", "ne"), ("Burmese", "my")),
    (("Swahili", "sw"), ("French", "fr")),
    (("Vietnamese", "vi"),),
    (("American Sign Language", "ase"),),
)

#: What is closed for a while, by agency and offer, and why.
_CLOSED = {
    ("buttonjar", "clothes"): "Closed while we sort the jar. Back next month.",
    ("kettledrum", "lunch-club"): "Closed this month: our cook is away.",
    ("marzipan", "day-care"): "Closed until the boiler is mended.",
    ("moss", "eyes"): "Closed: the wagon is at the garage.",
    ("turnipmoon", "mobile-pantry"): "Closed until the truck has a new driver.",
}


class Listing(NamedTuple):
    """A service about to be listed: what an agency offers, at which of its branches.

    ``place`` is added to the name where each branch has a service of its own.
    """

    region: Region
    agency: Agency
    organization_id: UUID
    offer_key: str
    offer: Offer
    place: str
    branches: Sequence[Branch]

    @property
    def id(self) -> UUID:
        """The identifier of the service."""
        return row_id(self.organization_id, self.offer_key, self.place)

    def id_at(self, branch: Branch) -> UUID:
        """Return the identifier of the service at a branch."""
        return row_id(self.id, "at", branch.id)


def add_service(
    rows: Rows, listing: Listing, need_ids: Mapping[str, UUID], *, now: datetime
) -> None:
    """Gather the rows of one service; where it is offered is the caller's."""
    _add_itself(rows, listing, now)
    _add_needs(rows, listing, need_ids)
    _add_languages(rows, listing)
    _add_documents(rows, listing)
    _add_cost(rows, listing)
    if _has_no_known_place(listing):
        _add_area(rows, listing)
        _add_phone(rows, listing)
    _add_hours(rows, listing, now)


def describe_fee(fee: str) -> str:
    """Return what a service costs, in words."""
    if fee == "free":
        return "Free."
    if fee == "sliding":
        return "Sliding scale, by income and household size. Nobody is turned away."
    dollars, what_for = fee.split(" ", 1)
    return f"${dollars} {what_for}."


#: How long ago a source assured a service, in days.
_ASSURED = (3, 9, 20, 45, 80, 150, 290, 410)


def assured_days_ago(service_id: UUID) -> int:
    """Return how many days ago the source of a service says that it was assured."""
    return dice("service", service_id).choice(_ASSURED)


def _add_itself(rows: Rows, listing: Listing, now: datetime) -> None:
    offer, rolling = listing.offer, dice("service", listing.id)
    alert = _CLOSED.get((listing.agency.key, listing.offer_key))
    verified_at = now - rolling.choice(_ASSURED) * DAY
    minimum_age, maximum_age = offer.ages
    rows.add(
        "service",
        id=listing.id,
        source=SOURCE,
        organization_id=listing.organization_id,
        name=f"{offer.name}, {listing.place}" if listing.place else offer.name,
        description=offer.about,
        url=f"https://{listing.agency.domain}/{listing.offer_key}",
        email=f"{listing.offer_key}@{listing.agency.domain}",
        status=ServiceStatus.TEMPORARILY_CLOSED if alert else ServiceStatus.ACTIVE,
        alert=alert,
        application_process=offer.apply,
        fees_description=describe_fee(offer.fee),
        eligibility_description=offer.who or None,
        eligibility_rule=rule_of(offer, listing.region.areas),
        minimum_age=minimum_age,
        maximum_age=maximum_age,
        interpretation_services=rolling.choice((None, None, "Interpreter by phone, on request.")),
        wait_time=rolling.choice((None, None, None, "About a week", "Two to three weeks")),
        assured_date=verified_at.date(),
        assurer_email="listings@fogbell.example",
        last_modified=verified_at,
    )


def _add_hours(rows: Rows, listing: Listing, now: datetime) -> None:
    """Gather the hours: of the service, or of each place where it has several."""
    today = now.astimezone(ZoneInfo(listing.region.towns[HOME_ZIPS[0]].timezone)).date()
    owners = [{"service_id": listing.id}]
    if len(listing.branches) > 1:
        owners = [{"service_at_location_id": listing.id_at(each)} for each in listing.branches]
    for owner in owners:
        rows.extend("schedule", schedule_rows(listing.offer.hours, today, **owner))


def _has_no_known_place(listing: Listing) -> bool:
    return all(branch.is_hidden for branch in listing.branches)


def _add_needs(rows: Rows, listing: Listing, need_ids: Mapping[str, UUID]) -> None:
    for code in listing.offer.needs.split():
        rows.add(
            "attribute",
            id=row_id(listing.id, "need", code),
            source=SOURCE,
            link_entity="service",
            link_id=listing.id,
            taxonomy_term_id=need_ids[code],
            link_type="need",
        )


def _add_languages(rows: Rows, listing: Listing) -> None:
    others = dice("languages", listing.id).choice(_LANGUAGES)
    for name, code in (("English", "en"), *others):
        rows.add(
            "language",
            id=row_id(listing.id, "language", code),
            source=SOURCE,
            service_id=listing.id,
            name=name,
            code=code,
        )


def _add_documents(rows: Rows, listing: Listing) -> None:
    for document in listing.offer.bring:
        rows.add(
            "required_document",
            id=row_id(listing.id, "document", document),
            source=SOURCE,
            service_id=listing.id,
            document=document,
        )


def _add_cost(rows: Rows, listing: Listing) -> None:
    amounts = {"free": 0, "sliding": None}
    fee = listing.offer.fee
    rows.add(
        "cost_option",
        id=row_id(listing.id, "cost"),
        source=SOURCE,
        service_id=listing.id,
        option=fee if fee in amounts else "fixed",
        currency="USD",
        amount_cents=amounts[fee] if fee in amounts else int(fee.split()[0]) * 100,
        amount_description=describe_fee(fee),
    )


def _add_area(rows: Rows, listing: Listing) -> None:
    """Say whom a service without a known place serves: its counties, or now and then the state."""
    states = sorted({town.state for town in listing.region.towns.values()})
    counties = listing.region.areas
    state_wide = not listing.branches and dice("area", listing.id).randrange(3) == 0
    rows.add(
        "service_area",
        id=row_id(listing.id, "area"),
        source=SOURCE,
        service_id=listing.id,
        name="The whole state" if state_wide else "The counties of the network",
        extent=" ".join(states if state_wide else counties),
        extent_type="text",
    )


def _add_phone(rows: Rows, listing: Listing) -> None:
    town = listing.region.towns[HOME_ZIPS[0]]
    rows.add(
        "phone",
        id=row_id(listing.id, "phone"),
        source=SOURCE,
        service_id=listing.id,
        number=phone_number(town.area_code, listing.id),
        type="text" if "text" in listing.offer.apply else "voice",
    )
