"""The houses of an agency: location, address, access and telephone."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from directory.models.locations import AddressVisibility
from seed.agencies import Agency
from seed.names import SOURCE, STREETS, dice, phone_number, row_id
from seed.places import Region, Town, scatter
from seed.rows import Rows

_ACCESS = (
    "Step-free entrance",
    "Wheelchair-accessible toilet",
    "Hearing loop at the desk",
    "Parking space for disabled visitors",
    "Lift to all floors",
    "Quiet room",
)

_TRANSPORT = (
    "Bus stop at the door.",
    "Ten minutes on foot from the bus station.",
    "Free parking behind the house.",
    None,
)


class Branch(NamedTuple):
    """A house of an agency. ``number`` counts them from 0; a hidden one is told to nobody.

    ``place`` is what tells the branches apart: the town, with its ZIP where two are in it.
    """

    id: UUID
    number: int
    town: Town
    place: str
    is_hidden: bool = False


def branches_of(region: Region, agency: Agency) -> Sequence[Branch]:
    """Return the agency's branches in the region, the hidden one last."""
    return [*_shown(region, agency), *_hidden(region, agency)]


def _shown(region: Region, agency: Agency) -> Iterator[Branch]:
    towns = [region.towns[zip_code] for zip_code in agency.zips.split()]
    cities = [town.city for town in towns]
    for index, town in enumerate(towns):
        alone = cities.count(town.city) == 1
        place = town.city if alone else f"{town.city} {town.zip_code}"
        yield Branch(row_id(region.number, agency.key, "branch", index), index, town, place)


def _hidden(region: Region, agency: Agency) -> Iterator[Branch]:
    if agency.hidden:
        zips = agency.zips.split()
        yield Branch(
            row_id(region.number, agency.key, "hidden"),
            len(zips),
            region.towns[zips[0]],
            "confidential",
            is_hidden=True,
        )


def add_branch(rows: Rows, agency: Agency, organization_id: UUID, branch: Branch) -> None:
    """Gather the rows of one branch. Of a hidden one there is neither address nor point."""
    rolling = dice("branch", branch.id)
    latitude, longitude = scatter(branch.town, rolling)
    rows.add(
        "location",
        id=branch.id,
        source=SOURCE,
        organization_id=organization_id,
        name=f"{agency.short}, {branch.place}",
        transportation=None if branch.is_hidden else rolling.choice(_TRANSPORT),
        latitude=None if branch.is_hidden else latitude,
        longitude=None if branch.is_hidden else longitude,
        timezone=branch.town.timezone,
        address_visibility=(
            AddressVisibility.HIDDEN if branch.is_hidden else AddressVisibility.PUBLIC
        ),
    )
    if not branch.is_hidden:
        _add_address(rows, branch)
        _add_access(rows, branch)
        _add_phone(rows, branch)


def _add_address(rows: Rows, branch: Branch) -> None:
    rolling = dice("address", branch.id)
    rows.add(
        "address",
        id=row_id(branch.id, "address"),
        source=SOURCE,
        location_id=branch.id,
        address_1=f"{rolling.randrange(100, 9900)} {rolling.choice(STREETS)}",
        city=branch.town.city,
        state_province=branch.town.state,
        postal_code=branch.town.zip_code,
    )


def _add_access(rows: Rows, branch: Branch) -> None:
    rolling = dice("access", branch.id)
    for words in rolling.sample(_ACCESS, k=rolling.choice((0, 1, 1, 2, 3))):
        rows.add(
            "accessibility",
            id=row_id(branch.id, words),
            source=SOURCE,
            location_id=branch.id,
            description=words,
        )


def _add_phone(rows: Rows, branch: Branch) -> None:
    rows.add(
        "phone",
        id=row_id(branch.id, "phone"),
        source=SOURCE,
        location_id=branch.id,
        number=phone_number(branch.town.area_code, branch.id),
        type="voice",
        description="Front desk",
    )
