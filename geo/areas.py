"""Short names of areas, so that "whom do you serve?" is a comparison of words.

A ZIP code is itself ("48933"), a state its two letters ("MI"), a county its state and name with
underscores for spaces ("MI:Ingham_County").
"""

from geo.places import Place


def area_tokens(place: Place) -> frozenset[str]:
    """Return the names of every area that a place lies in; none where that is unknown."""
    county = f"{place.state}:{place.county}".replace(" ", "_") if place.county else None
    return frozenset(filter(None, (place.postal_code, place.state, county)))
