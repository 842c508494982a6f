"""What the words of an offer say about whom it is for, as a rule that can be checked.

Words that no fact of a rule can hold ("80% of the area median income", "people with an
interview") stay words, as they would in any directory.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from seed.offers import LOW_INCOME, NEIGHBOURS, REFERRED, VERY_LOW_INCOME, Offer

_NEWBORN = {"fact": "children_ages", "has": {"at_most": 0}}

_BY_WORDS: Mapping[str, dict[str, Any]] = {
    LOW_INCOME: {"fact": "income_poverty_percent", "at_most": 200},
    VERY_LOW_INCOME: {"fact": "income_poverty_percent", "at_most": 125},
    REFERRED: {"fact": "documents", "has": "referral"},
    "For families with children under 18.": {"fact": "children_ages", "has": {"at_most": 17}},
    "For parents of babies under one.": _NEWBORN,
    "For parents of small babies who will not sleep.": _NEWBORN,
    "For anyone who is pregnant or was within a year.": {
        "any": [{"fact": "pregnant", "is": True}, _NEWBORN]
    },
    "Household income under $67,000 a year.": {"fact": "income_month", "at_most": 5583},
}


def rule_of(offer: Offer, areas: Sequence[str]) -> dict[str, Any] | None:
    """Return the rule that the words of an offer make, or None.

    ``areas`` are the counties of the network, in the short form of ``ServiceArea.extent``.
    """
    said = [_BY_WORDS[words] for words in (offer.who, offer.apply) if words in _BY_WORDS]
    if offer.who == NEIGHBOURS:
        counties = [area.replace("_", " ") for area in areas]
        said.append({"fact": "county", "one_of": counties})
    if not said:
        return None
    return said[0] if len(said) == 1 else {"all": said}
