"""What we add to HSDS, kept apart from it: an HSDS Profile (docs.openreferral.org, "Profiles").

In JSON our fields are together in one property, ``openings``, of the object that they describe;
in CSV they are columns of their own behind the standard's, named ``openings_...``. A reader who
knows only HSDS can pass over them; a reader who knows the profile loses nothing.
"""

from collections.abc import Mapping
from typing import Final

from directory.hsds.standard import Field, Kind
from directory.models.locations import AddressVisibility
from directory.models.openings import OpeningStatus
from directory.models.services import Sensitivity

#: The property in JSON, and before an underscore the beginning of a column in CSV.
PREFIX: Final = "openings"

#: What CSV says where the standard requires a text and there is none: an empty cell is not
#: allowed there, as it is in JSON. Whoever reads our files takes it for the empty text.
NOTHING: Final = "(none)"

#: Our fields, by the table they are added to. Each is a column of ours with the same name.
EXTENSIONS: Final[Mapping[str, tuple[Field, ...]]] = {
    "location": (
        Field("timezone"),
        Field("approximate", Kind.FLAG),
        Field("address_visibility", choices=tuple(AddressVisibility)),
    ),
    "address": (Field("organization_id", Kind.UUID, refers_to="organization"),),
    "service": (
        Field("sensitivity", choices=tuple(Sensitivity)),
        Field("eligibility_rule", Kind.OBJECT),
    ),
    "schedule": (Field("by_appointment", Kind.FLAG),),
    "service_capacity": (
        Field("service_at_location_id", Kind.UUID, refers_to="service_at_location"),
        Field("population"),
        Field("status", choices=tuple(OpeningStatus)),
        Field("expires_at", Kind.INSTANT),
        Field("said_by"),
    ),
    "metadata": (Field("last_action_at", Kind.INSTANT), Field("origin")),
}
