"""The forms of the four kinds of record that people edit, and their words."""

from typing import Any, Final

from api.languages import marked as _
from api.pages.listings.areas import areas
from api.pages.listings.groups import (
    Data,
    Form,
    Group,
    choice,
    costs,
    kept,
    lines,
    number,
    plain,
    rows,
    text,
    ticks,
)
from api.pages.listings.hours import hours
from api.pages.listings.rules import rules
from directory.errors import DomainError, InvalidError
from directory.kinds.locations import LocationDraft, leads_to_a_door
from directory.kinds.organizations import OrganizationDraft
from directory.kinds.services import ServiceAtLocationDraft, ServiceDraft
from directory.queries.whole_records import Whole

PHONE_COLUMNS: Final = ("number", "extension", "type", "description")
ADDRESS_COLUMNS: Final = ("address_1", "address_2", "city", "state_province", "postal_code")

PHONES: Final = rows("phones", "phones", PHONE_COLUMNS)

STATUSES: Final = (
    ("active", _("Open to people")),
    ("temporarily closed", _("Closed for now, and listed")),
    ("inactive", _("Not listed for now")),
    ("defunct", _("Over for good, not listed")),
)
PHONE_TYPES: Final = (
    ("", _("Not said")),
    ("voice", _("Voice")),
    ("text", _("Text messages")),
    ("cell", _("Mobile")),
    ("fax", _("Fax")),
    ("textphone", _("Textphone (TTY)")),
    ("video", _("Video")),
    ("pager", _("Pager")),
)
VISIBILITIES: Final = (
    ("public", _("Everybody may see the address")),
    ("area only", _("Only the area served is told, never the address")),
    ("hidden", _("Nothing about where it is is told")),
)

#: What people call the fields, on forms and in history.
LABELS: Final = {
    "name": _("Name"),
    "alternate_name": _("Other name"),
    "description": _("What it is"),
    "url": _("Website"),
    "website": _("Website"),
    "email": _("E-mail"),
    "status": _("State"),
    "alert": _("Alert, such as “Closed this week”"),
    "application_process": _("How to get it"),
    "fees_description": _("What it costs, in words"),
    "eligibility_description": _("Who it is for"),
    "minimum_age": _("From age"),
    "maximum_age": _("To age"),
    "rule": _("Who can come, as conditions"),
    "eligibility_rule": _("Who can come, as conditions"),
    "needs": _("What people need"),
    "documents": _("What to bring"),
    "costs": _("Prices"),
    "areas": _("Area served"),
    "phones": _("Telephones"),
    "hours": _("Hours"),
    "transportation": _("How to get there"),
    "address": _("Address"),
    "address_visibility": _("Who may see the address"),
    "accessibility": _("For people with disabilities"),
    "note": _("How to find it in this place"),
}


def _show_address(record: Whole | None) -> dict[str, str]:
    address = _first_address(record)
    return {name: plain(address[name]) if address else "" for name in ADDRESS_COLUMNS}


def _first_address(record: Whole | None) -> Whole | None:
    """Return the address that the form shows: a street before a post box."""
    addresses = [] if record is None else record["addresses"]
    ordered = sorted(addresses, key=lambda each: (not leads_to_a_door(each), str(each["id"])))
    return ordered[0] if ordered else None


def _fill_address(typed: dict[str, str], record: Whole | None) -> dict[str, Any]:
    first = _first_address(record)
    others = [] if record is None else [e for e in record["addresses"] if e is not first]
    mine = [kept(first, **{n: v or None for n, v in typed.items()})] if any(typed.values()) else []
    return {"addresses": [*mine, *(kept(each) for each in others)]}


def _read_address(data: Data) -> dict[str, str]:
    return {name: plain(data.get(f"address-{name}")) for name in ADDRESS_COLUMNS}


def _hidden_without_street(values: dict[str, Any], typed: dict[str, Any]) -> None:
    """Leave out the address of a place that is to be hidden: it goes by itself."""
    if typed["address_visibility"] != "public":
        values.pop("addresses", None)


def _note() -> Group:
    """Return the note of a service at a place, which HSDS calls its description."""
    of = text("description")
    return Group(
        "note",
        of.show,
        lambda data: plain(data.get("note")),
        of.fill,
    )


FORMS: Final = {
    "services": Form(
        "service",
        ServiceDraft,
        "_listing-service.html",
        (
            *map(text, ("name", "alternate_name", "description", "url", "email")),
            choice("status", "active"),
            *map(
                text,
                ("alert", "application_process", "eligibility_description", "fees_description"),
            ),
            number("minimum_age"),
            number("maximum_age"),
            rules(),
            ticks("needs"),
            lines("documents", "required_documents", "document"),
            costs(),
            areas(),
            PHONES,
            hours(),
        ),
    ),
    "places": Form(
        "location",
        LocationDraft,
        "_listing-place.html",
        (
            text("name"),
            Group("address", _show_address, _read_address, _fill_address, dict[str, str]),
            choice("address_visibility", "public"),
            text("description"),
            text("transportation"),
            lines("accessibility", "accessibility", "description"),
            PHONES,
            hours(),
        ),
        _hidden_without_street,
    ),
    "offers": Form(
        "service_at_location",
        ServiceAtLocationDraft,
        "_listing-offer.html",
        (_note(), areas(), PHONES, hours()),
    ),
    "agencies": Form(
        "organization",
        OrganizationDraft,
        "_listing-agency.html",
        (*map(text, ("name", "alternate_name", "description", "website", "email")), PHONES),
    ),
}

#: Where the form asks for what a draft calls otherwise.
_FIELDS: Final = {
    "cost_options": "costs",
    "amount_cents": "amount",
    "addresses": "address",
}
_WHOLE: Final = {
    "required_documents": "documents",
    "schedules": "hours",
    "accessibility": "accessibility",
    "latitude": "address",
    "eligibility_rule": "rule",
    "service_areas": "areas",
}


def errors_on_form(refusal: DomainError | None) -> dict[str, list[str]]:
    """Return what is wrong by the fields of the form: ``phones-0-number``."""
    found: dict[str, list[str]] = {}
    for path, message in refusal.errors if isinstance(refusal, InvalidError) else ():
        messages = found.setdefault(_field_of(path), [])
        if message not in messages:
            messages.append(message)
    return found


def _field_of(path: str) -> str:
    first, *rest = path.split(".")
    if first in _WHOLE:
        return _WHOLE[first]
    if first == "addresses":
        return f"address-{rest[1]}" if len(rest) > 1 else "address-address_1"
    return "-".join(_FIELDS.get(each, each) for each in (first, *rest))
