"""The states of the United States, as the postal service writes them.

Codes and names: USPS Publication 28, appendix B, with the District of Columbia, the territories
and the freely associated states. The military "states" (AA, AE, AP) have no place on a map.
"""

from types import MappingProxyType
from typing import Final

STATE_NAMES: Final = MappingProxyType(
    {
        "AL": "Alabama",
        "AK": "Alaska",
        "AS": "American Samoa",
        "AZ": "Arizona",
        "AR": "Arkansas",
        "CA": "California",
        "CO": "Colorado",
        "CT": "Connecticut",
        "DE": "Delaware",
        "DC": "District of Columbia",
        "FM": "Federated States of Micronesia",
        "FL": "Florida",
        "GA": "Georgia",
        "GU": "Guam",
        "HI": "Hawaii",
        "ID": "Idaho",
        "IL": "Illinois",
        "IN": "Indiana",
        "IA": "Iowa",
        "KS": "Kansas",
        "KY": "Kentucky",
        "LA": "Louisiana",
        "ME": "Maine",
        "MH": "Marshall Islands",
        "MD": "Maryland",
        "MA": "Massachusetts",
        "MI": "Michigan",
        "MN": "Minnesota",
        "MS": "Mississippi",
        "MO": "Missouri",
        "MT": "Montana",
        "NE": "Nebraska",
        "NV": "Nevada",
        "NH": "New Hampshire",
        "NJ": "New Jersey",
        "NM": "New Mexico",
        "NY": "New York",
        "NC": "North Carolina",
        "ND": "North Dakota",
        "MP": "Northern Mariana Islands",
        "OH": "Ohio",
        "OK": "Oklahoma",
        "OR": "Oregon",
        "PW": "Palau",
        "PA": "Pennsylvania",
        "PR": "Puerto Rico",
        "RI": "Rhode Island",
        "SC": "South Carolina",
        "SD": "South Dakota",
        "TN": "Tennessee",
        "TX": "Texas",
        "UT": "Utah",
        "VT": "Vermont",
        "VI": "Virgin Islands",
        "VA": "Virginia",
        "WA": "Washington",
        "WV": "West Virginia",
        "WI": "Wisconsin",
        "WY": "Wyoming",
    }
)

# "West Virginia" and "westvirginia" alike: the words of a name, run together.
_CODES: Final = {
    spelling: code
    for code, name in STATE_NAMES.items()
    for spelling in (code.casefold(), name.casefold().replace(" ", ""))
}


def state_of(spelling: str) -> str | None:
    """Read a state's code from its code or its name, in small letters without spaces."""
    return _CODES.get(spelling)


def states_beginning(spelling: str) -> frozenset[str]:
    """List the states a half-typed spelling can become: "mi" is Michigan, "m" is eight of them.

    A complete code or name means only itself; nothing typed means every state.
    """
    whole = _CODES.get(spelling)
    if whole:
        return frozenset({whole})
    return frozenset(code for known, code in _CODES.items() if known.startswith(spelling))
