"""What terms of other taxonomies are among the everyday needs: by code, in files of our own.

A mapping is a CSV file of two columns: ``code`` of a term, and ``needs``, the codes of needs
with spaces between them. A term brings its needs to everything below it too. Names are never
compared: the same name may stand in several places of a taxonomy and mean different things.
"""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from directory.errors import FieldError, InvalidError
from directory.folding import fold
from directory.needs import EVERYDAY_NEEDS

#: The needs that each code means.
NeedsOf = Mapping[str, tuple[str, ...]]

_HERE: Final = Path(__file__).parent
_COLUMNS: Final = ["code", "needs"]
_CODES: Final = frozenset(need.code for need in EVERYDAY_NEEDS)
MOST_MISTAKES: Final = 20


def mapping_for(name: str, uri: str | None) -> NeedsOf:
    """Return our mapping of a taxonomy, by its name and address; empty where we have none."""
    folded = fold(name)
    if folded.startswith("open eligibility") or "openeligibility.org" in (uri or ""):
        return _ours("open_eligibility.csv")
    if folded.startswith("keywords of "):  # the lists that an import makes of services' keywords
        return _ours("keywords.csv")
    return {}


def read_mapping(path: Path) -> NeedsOf:
    """Read a mapping file.

    Raises ``InvalidError`` naming every line that has no code, a code twice, or needs that we
    do not have.
    """
    mistakes: list[FieldError] = []
    found: dict[str, tuple[str, ...]] = {}
    for line, code, needs in _lines(path):
        unknown = [need for need in needs if need not in _CODES]
        if not code or not needs or code in found:
            mistakes.append(FieldError(f"line {line}", "Give a code once, and its needs."))
        elif unknown:
            words = f"There is no need called {', '.join(unknown)}."
            mistakes.append(FieldError(f"line {line}", words))
        found[code] = needs
    if mistakes:
        raise InvalidError(mistakes[:MOST_MISTAKES])
    return found


def _lines(path: Path) -> list[tuple[int, str, tuple[str, ...]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if reader.fieldnames != _COLUMNS:
                raise InvalidError.of("line 1", "The columns of a mapping are code and needs.")
            return [
                (reader.line_num, (row["code"] or "").strip(), tuple((row["needs"] or "").split()))
                for row in reader
            ]
    except (UnicodeDecodeError, csv.Error):
        raise InvalidError.of(path.name, "This is not a CSV file in UTF-8.") from None


@cache
def _ours(name: str) -> NeedsOf:
    return read_mapping(_HERE / name)
