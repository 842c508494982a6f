"""For whom a service is, as other taxonomies say it, where that is plain enough to be sure.

Open Eligibility has terms for people's situations beside those for kinds of help, and directories
say them of services as HSDS attributes. Few of them mean the same to everybody: "Seniors" begin
at 55, 60 or 65, "Low-Income" is below any line. Only the others make conditions.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from directory.eligibility_rules import Condition, Group, Range, Rule, canonical
from directory.folding import fold

#: What a term means, by its code. The names stand beside it for the reader only.
_MEANS: Final[Mapping[str, Condition]] = {
    "20003": Condition("age", Range(18)),  # Adults
    "20010": Condition("veteran", test=True),  # Veterans
    "20043": Condition("pregnant", test=True),  # Pregnant
    "20056": Condition("housing", ("owning",)),  # Home Owners
    "20057": Condition("housing", ("renting",)),  # Home Renters
    "20058": Condition("housing", ("shelter", "unsheltered")),  # Homeless
    "20059": Condition("housing", ("losing-home",)),  # Near Homeless
    "20065": Condition("insurance", "none"),  # Uninsured
}


def is_of_situations(taxonomy: str, uri: str | None) -> bool:
    """Say whether a taxonomy, by its name and address, is the one whose terms we know."""
    return "situations" in fold(taxonomy) and (
        fold(taxonomy).startswith("open eligibility") or "openeligibility.org" in (uri or "")
    )


def situations_rule(codes: Iterable[str]) -> Rule | None:
    """Return the rule that the situations which are said of a service make, or None.

    Several about one fact are said of a service that is for any of them. Where a term has no
    plain meaning, or terms about several facts stand side by side (is it for homeless veterans,
    or for veterans and the homeless?), they make no rule.
    """
    said = {_MEANS.get(code) for code in codes}
    plain = [condition for code, condition in _MEANS.items() if condition in said]
    if None in said or len({condition.fact for condition in plain}) != 1:
        return None
    return canonical(Group("any", tuple(plain)))
