"""What we add to HSDS, kept apart from it: an HSDS Profile (docs.openreferral.org, "Profiles").

In JSON our fields are together in one property, ``openings``, of the object that they describe;
in CSV they are columns of their own behind the standard's, named ``openings_...``. A reader who
knows only HSDS can pass over them; a reader who knows the profile loses nothing.
"""

from collections.abc import Mapping
from typing import Final

from directory.hsds.standard import Field, Kind, Needed
from directory.models.locations import AddressVisibility
from directory.models.openings import OpeningStatus
from directory.models.services import Sensitivity
from directory.models.verifications import VerificationMethod, VitalField

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

#: What is ours only where the standard's own field cannot hold it, by the table: there is no
#: column for it with us, and in CSV it is beside that field in ``openings_...``.
IN_JSON: Final[Mapping[str, tuple[Field, ...]]] = {"phone": (Field("extension"),)}

#: One entry of ``verified``.
_VERIFIED: Final = (
    Field("field", needed=Needed.EVERYWHERE, choices=tuple(VitalField)),
    Field("method", needed=Needed.EVERYWHERE, choices=tuple(VerificationMethod)),
    Field("verified_at", Kind.INSTANT, Needed.EVERYWHERE),
    Field("said_by"),
)

#: Lists of ours that only JSON has, by the table: each entry has these fields.
LISTS_IN_JSON: Final[Mapping[str, Mapping[str, tuple[Field, ...]]]] = {
    "service": {"verified": _VERIFIED},
    "service_at_location": {"verified": _VERIFIED},
}

#: What each of our fields means.
MEANINGS: Final[Mapping[tuple[str, str], str]] = {
    ("location", "timezone"): "The place's time zone by its IANA name. Opening hours are in it.",
    ("location", "approximate"): "True where the point is the middle of the ZIP code.",
    ("location", "address_visibility"): (
        "Who may know where it is. Of a place that is not public there is nothing else."
    ),
    ("address", "organization_id"): "The organization whose address it is, if it is no place's.",
    ("service", "sensitivity"): "Why being seen there could harm somebody: a code of HL7 or IHE.",
    ("service", "eligibility_rule"): "Whom it is for, as a rule that software can read.",
    ("service", "verified"): "When each field was last made sure of, and how.",
    ("service_at_location", "verified"): "When each field was last made sure of here, and how.",
    ("schedule", "by_appointment"): "True where one needs an appointment in these hours.",
    ("service_capacity", "service_at_location_id"): "The service at the place with this room.",
    ("service_capacity", "population"): "Whom the room is for; left out, for everybody.",
    ("service_capacity", "status"): "What the provider says about room, in a word.",
    ("service_capacity", "expires_at"): "Until when the report counts; after it, ask.",
    ("service_capacity", "said_by"): "The organization that says so.",
    ("metadata", "last_action_at"): "The instant of the change, where the standard has its date.",
    ("metadata", "origin"): "The way the change came: page, api, suggestion or import.",
    ("phone", "extension"): "The extension, where it is not a plain number.",
}
