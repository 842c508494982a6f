"""The names that tables and columns have had, from Ohana to HSDS 3."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple


class TableName(NamedTuple):
    """Which of our tables a file is for, and the cells that its name alone implies."""

    table: str
    implied: Mapping[str, str] = MappingProxyType({})


_PHYSICAL: Final = {"address_type": "physical"}
_POSTAL: Final = {"address_type": "postal"}

#: By the name of the file, in the singular. "holiday", "eligibility", "payment_accepted" and
#: "term" are not tables of ours: they become schedules, services' texts and taxonomy terms.
_TABLES: Final = {
    "organization": TableName("organization"),
    "program": TableName("program"),
    "service": TableName("service"),
    "location": TableName("location"),
    "service_at_location": TableName("service_at_location"),
    "services_at_location": TableName("service_at_location"),
    "address": TableName("address"),
    "physical_address": TableName("address", _PHYSICAL),
    "postal_address": TableName("address", _POSTAL),
    "mail_address": TableName("address", _POSTAL),
    "contact": TableName("contact"),
    "phone": TableName("phone"),
    "schedule": TableName("schedule"),
    "regular_schedule": TableName("schedule"),
    "holiday_schedule": TableName("holiday"),
    "language": TableName("language"),
    "accessibility": TableName("accessibility"),
    "accessibility_for_disabilities": TableName("accessibility"),
    "service_area": TableName("service_area"),
    "required_document": TableName("required_document"),
    "cost_option": TableName("cost_option"),
    "eligibility": TableName("eligibility"),
    "taxonomy": TableName("taxonomy"),
    "taxonomy_term": TableName("term"),
    "service_taxonomy": TableName("attribute", {"link_entity": "service"}),
    "services_taxonomy": TableName("attribute", {"link_entity": "service"}),
    "service_attribute": TableName("attribute", {"link_entity": "service"}),
    "attribute": TableName("attribute"),
    "other_attribute": TableName("attribute"),
    "funding": TableName("funding"),
    "payment_accepted": TableName("payment_accepted"),
    "payments_accepted": TableName("payment_accepted"),
    "service_capacity": TableName("service_capacity"),
    "capacity": TableName("service_capacity"),
    "unit": TableName("unit"),
    "url": TableName("url"),
    "organization_identifier": TableName("organization_identifier"),
    "metadata": TableName("metadata"),
    "meta_table_description": TableName("meta_table_description"),
}

#: What has none of these is not a directory. A taxonomy may come alone.
ESSENTIAL: Final = frozenset({"organization", "service", "location", "taxonomy", "term"})

#: Columns that had another name, per table: old name to present name.
_COLUMNS: Final[Mapping[str, Mapping[str, str]]] = {
    "organization": {"url": "website", "date_incorporated": "year_incorporated"},
    "service": {
        "fees": "fees_description",
        "eligibility": "eligibility_description",
        "website": "url",
    },
    "location": {"website": "url", "type": "location_type"},
    "address": {"state": "state_province", "zip": "postal_code", "type": "address_type"},
    "phone": {"number_type": "type"},
    "schedule": {"interval": "repeat_interval"},
    "language": {"language": "name"},
    "accessibility": {"accessibility": "description"},
    "service_area": {"service_area": "name"},
    "cost_option": {"amount": "amount_cents"},
    "term": {"taxonomy_id": "code", "vocabulary": "taxonomy", "term": "code"},
    "attribute": {"taxonomy_id": "taxonomy_term_id"},
}


def table_of(stem: str, header: list[str]) -> TableName | None:
    """Say which table a file is, by its name without ".csv" and its first line.

    Before HSDS 2 "taxonomy" was the list of terms, which have parents.
    """
    name = stem.strip().casefold().replace("-", "_").replace(" ", "_")
    known = _TABLES.get(name) or _TABLES.get(_singular(name))
    if known and known.table == "taxonomy" and {"parent_id", "parent_name"} & set(header):
        return TableName("term")
    return known


def columns_of(table: str, header: list[str]) -> list[str]:
    """Return the present names of a file's columns; one that has both names keeps them apart."""
    names = [name.strip().strip("\ufeff").casefold().replace(" ", "_") for name in header]
    renamed = _COLUMNS.get(table, {})
    if table == "term" and "id" in names:  # HSDS: here taxonomy_id is the taxonomy
        renamed = {old: new for old, new in renamed.items() if old != "taxonomy_id"}
    return [new if (new := renamed.get(name, name)) not in names else name for name in names]


def _singular(name: str) -> str:
    if name.endswith("ies"):
        return f"{name[:-3]}y"
    return name.removesuffix("es") if name.endswith("sses") else name.removesuffix("s")
