"""The kinds of record that people edit: a typed draft each, and what may stand in it."""

from collections.abc import Mapping
from typing import Final

from directory.kinds.contacts import CONTACT, LANGUAGE, PHONE
from directory.kinds.locations import ACCESSIBILITY, ADDRESS, LOCATION
from directory.kinds.organizations import FUNDING, IDENTIFIER, ORGANIZATION, PROGRAM, URL
from directory.kinds.schedules import SCHEDULE
from directory.kinds.services import AREA, COST, DOCUMENT, SERVICE, SERVICE_AT_LOCATION
from directory.kinds.specs import Spec

#: By table.
SPECS: Final[Mapping[str, Spec]] = {
    spec.table: spec
    for spec in (
        ORGANIZATION, PROGRAM, URL, FUNDING, IDENTIFIER, LOCATION, ADDRESS, ACCESSIBILITY,
        SERVICE, DOCUMENT, COST, AREA, SERVICE_AT_LOCATION, CONTACT, PHONE, LANGUAGE, SCHEDULE,
    )
}  # fmt: skip

#: The kinds with a version of their own.
ROOTS: Final[Mapping[str, Spec]] = {
    name: SPECS[name] for name in ("organization", "location", "service", "service_at_location")
}

__all__ = ["ROOTS", "SPECS"]
