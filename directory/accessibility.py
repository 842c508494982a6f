"""Whether one gets into a place without a step, by the agency's own words."""

import re
from collections.abc import Iterable
from typing import Final

from directory.folding import fold

#: These say it by themselves, whatever else is said.
_PLAIN: Final = re.compile(r"\b(?:step free|(?:no|without|zero) (?:steps?|stairs)|sin escalones)\b")

#: These say it unless something takes it back. "wheelchair" and "ramp" alone are codes of the
#: Ohana format.
_USUAL: Final = re.compile(
    r"^(?:wheelchair|ramp)$|\b(?:wheelchair (?:access|accessible|accessibility|ramp|entrance|lift)"
    r"|accessible (?:by|to|for|with)(?: a| people (?:in|with))? wheelchairs?"
    r"|accessible entrance|level entrance|entrance ramp|ramp (?:at|to|by)"
    r"|silla de ruedas|rampa de acceso)\b"
)
_TAKES_BACK: Final = frozenset(
    (
        *("not", "no", "without", "limited", "partial", "partially", "except", "steep", "upstairs"),
        *("toilet", "toilets", "restroom", "restrooms", "bathroom", "parking", "van", "shower"),
    )
)


def is_step_free(texts: Iterable[str | None]) -> bool:
    """Say whether what a place says of its access tells that one gets in without a step."""
    return any(map(_says_so, texts))


def _says_so(text: str | None) -> bool:
    folded = fold(text or "")
    if _PLAIN.search(folded):
        return True
    return bool(_USUAL.search(folded)) and not _TAKES_BACK & set(folded.split())
