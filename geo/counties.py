"""Counties as people write them: "Ingham County, MI", "ingham, mi", "Ingham County"."""

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import Final

from geo.states import STATE_NAMES
from geo.zip_index import zip_index

#: What a county is called by, which people leave out.
_CALLED: Final = re.compile(
    r" (?:county|parish|borough|census area|municipality|municipio|city and borough|city)$"
)

#: The state before a colon and the county: "MI:Ingham County".
County = str


def find_county(text: str) -> County | None:
    """Return the one county that is meant, None where there is none or could be another.

    Without a state it is one whose name no other state has. The postal data writes a few in two
    ways ("Baltimore city"); each is found as it is written.
    """
    written, _, place = (" ".join(part.split()) for part in text.partition(","))
    wanted = _STATES.get(place.lower())
    if place and wanted is None:
        return None
    known, folded = _by_name(), written.lower()
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


_STATES: Final = {
    **{code.lower(): code for code in STATE_NAMES},
    **{name.lower(): code for code, name in STATE_NAMES.items()},
}


@cache
def _by_name() -> Mapping[str, tuple[County, ...]]:
    """File every county as it is written, in small letters, and under the name alone."""
    found = defaultdict[str, dict[County, None]](dict)
    for state, county in sorted(zip_index().counties()):
        folded = county.lower()
        for name in (county, folded, _CALLED.sub("", folded)):
            found[name][f"{state}:{county}"] = None
    return {name: tuple(counties) for name, counties in found.items()}
