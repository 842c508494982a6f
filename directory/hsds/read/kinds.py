"""Which kind of record a JSON object is, where neither its file nor its place says so."""

from collections.abc import Collection, Mapping
from functools import cache
from pathlib import PurePosixPath
from typing import Any, Final

from directory.hsds.dialects import table_of
from directory.hsds.standard import HSDS_TABLES

#: What stands alone in a file; the first of equals wins.
_ALONE: Final = (
    *("service", "organization", "location", "service_at_location", "taxonomy_term"),
    *("taxonomy", "program"),
)
#: What only such a record has, worth more than what others have too.
_TELLING: Final[Mapping[str, frozenset[str]]] = {
    "service": frozenset(
        {
            *("service_at_locations", "organization", "status", "fees_description", "assured_date"),
            *("eligibility_description", "required_documents", "cost_options", "capacities"),
        }
    ),
    "organization": frozenset(
        {
            *("website", "organization_identifiers", "legal_status", "year_incorporated"),
            *(
                "additional_websites",
                "parent_organization_id",
                "tax_status",
                "programs",
                "services",
            ),
        }
    ),
    "location": frozenset(
        {"location_type", "latitude", "longitude", "addresses", "accessibility", "transportation"}
    ),
    "service_at_location": frozenset({"location", "service", "location_id", "service_id"}),
    "taxonomy_term": frozenset({"taxonomy_detail", "taxonomy", "term_uri", "parent_id", "code"}),
    "taxonomy": frozenset({"version", "uri"}),
    "program": frozenset({"organization_id"}),
}
_WORTH: Final = 3
#: The standard's tables by the names of their files; an export of ours has some of them as JSON.
_BY_FILE: Final[Mapping[str, str]] = {table.file: table.name for table in HSDS_TABLES.values()}
#: Endings that examples and exports give to the names of their files.
_ENDINGS: Final = ("_full", "_list", "_page")


def table_in_name(name: str) -> str | None:
    """Return the table that a file's name or its folder's speaks of, as HSDS names it."""
    path = PurePosixPath(name)
    stem = path.stem.casefold()
    for ending in _ENDINGS:
        stem = stem.removesuffix(ending)
    if f"{stem}.csv" in _BY_FILE:
        return _BY_FILE[f"{stem}.csv"]
    for word in (stem, path.parent.name):
        known = table_of(word, [])
        if known and not known.implied and known.table in {*_ALONE, "term"}:
            return known.table
    return None


def standard_name(table: str) -> str:
    """Return the standard's name of a table; ours differs for terms."""
    return "taxonomy_term" if table == "term" else table


def kind_of(record: Mapping[str, Any], hint: str | None) -> str | None:
    """Return which table a record is of: as its file says, or else by its properties.

    None for what is no record, such as the description that an API gives of itself.
    """
    if "openapi_url" in record or ("profile" in record and "id" not in record):
        return None
    if hint is not None:
        return standard_name(hint)
    scores = {table: _score(table, record.keys()) for table in _ALONE}
    best = max(_ALONE, key=scores.__getitem__)
    return best if scores[best] > 0 else None


def _score(table: str, names: Collection[str]) -> int:
    known = _known(table)
    score = sum(1 if name in known else -1 for name in names)
    return score + _WORTH * len(_TELLING[table].intersection(names))


@cache
def _known(table: str) -> frozenset[str]:
    facts = HSDS_TABLES[table]
    return frozenset(field.name for field in facts.fields) | {each.name for each in facts.nested}
