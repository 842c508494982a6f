"""Short names of areas, so that "whom do you serve?" is a comparison of words.

A ZIP code is itself ("48933"), a state its two letters ("MI"), a county its state and name with
underscores for spaces ("MI:Ingham_County").
"""

import re
from collections.abc import Collection
from typing import Final

from geo.places import Place

_SHORT_NAME: Final = re.compile(r"[0-9]{5}|[A-Z]{2}(:[^\s:]{1,60})?")


def area_tokens(place: Place) -> frozenset[str]:
    """Return the names of every area that a place lies in; none where that is unknown."""
    return frozenset(filter(None, (place.postal_code, place.state, county_token(place))))


def county_token(place: Place) -> str | None:
    """Return the name of the county that a place lies in, or None where that is unknown."""
    return f"{place.state}:{place.county}".replace(" ", "_") if place.county else None


def short_names(text: str) -> tuple[str, ...] | None:
    """Return the short names that a text consists of; None where it has anything else."""
    parts = tuple(text.split())
    return parts if all(map(_SHORT_NAME.fullmatch, parts)) else None


def is_in_one_of(areas: Collection[str], place: Place) -> bool | None:
    """Say whether a place lies in one of some areas; None where that cannot be told.

    A town has no ZIP code of its own, and far from every ZIP code no state is known.
    """
    if area_tokens(place).intersection(areas):
        return True
    return False if all(_is_elsewhere(area, place) for area in areas) else None


def _is_elsewhere(area: str, place: Place) -> bool:
    """Say that a place does not lie in an area that is none of its own."""
    state, _, county = area.partition(":")
    if state.isdigit():
        return place.postal_code is not None
    return bool(place.state) and (not county or state != place.state or bool(place.county))
