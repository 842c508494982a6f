"""Counties as people write them: "Ingham County, MI", "ingham mi", "Ingham Co. in Michigan"."""

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import Final

from geo.states import state_of
from geo.zip_index import zip_index

#: What a county is called by, which people leave out.
_CALLED: Final = re.compile(
    r" (?:county|parish|borough|census area|municipality|municipio|city and borough|city)$"
)

_CO: Final = re.compile(r" co\.?$", re.IGNORECASE)
_IN: Final = re.compile(r",? (?:in|en) ", re.IGNORECASE)

_LONGEST_STATE: Final = 4
"""Words: Federated States of Micronesia."""

#: The state before a colon and the county: "MI:Ingham County".
County = str


def find_county(text: str) -> County | None:
    """Return the one county that is meant, None where there is none or could be another.

    Without a state it is one whose name no other state has. The postal data writes a few in two
    ways ("Baltimore city"); each is found as it is written.
    """
    written, place = _name_and_state(text)
    wanted = _state(place)
    if place and wanted is None:
        return None
    known, folded = _by_name(), _CO.sub(" county", written.lower())
    for name in (written, folded, _CALLED.sub("", folded)):
        meant = [
            each for each in known.get(name, ()) if wanted is None or each.startswith(f"{wanted}:")
        ]
        if meant:
            return meant[0] if len(meant) == 1 else None
    return None


def counties_in(state: str) -> list[str]:
    """List the names of a state's counties ("MI"), in order; none for what is no state."""
    return sorted(county for there, county in zip_index().counties() if there == state)


def _name_and_state(text: str) -> tuple[str, str]:
    """Split a county from its state; the state is "" where none is named."""
    plain = " ".join(text.split())
    name, comma, place = _IN.sub(", ", plain).partition(",")
    if comma:
        return name.strip(), place.strip()
    words = plain.split(" ")
    for size in range(min(_LONGEST_STATE, len(words) - 1), 0, -1):
        if _state(" ".join(words[-size:])):
            return " ".join(words[:-size]), " ".join(words[-size:])
    return plain, ""


def _state(text: str) -> str | None:
    return state_of(text.casefold().replace(" ", ""))


@cache
def _by_name() -> Mapping[str, tuple[County, ...]]:
    """File every county as it is written, in small letters, and under the name alone."""
    found = defaultdict[str, dict[County, None]](dict)
    for state, county in sorted(zip_index().counties()):
        folded = county.lower()
        for name in (county, folded, _CALLED.sub("", folded)):
            found[name][f"{state}:{county}"] = None
    return {name: tuple(counties) for name, counties in found.items()}
