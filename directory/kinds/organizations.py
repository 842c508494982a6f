"""Organizations and what hangs on them, as they are edited."""

from msgspec import UNSET, UnsetType

from directory import field_rules as rules
from directory.kinds.contacts import CONTACT, PHONE, ContactDraft, PhoneDraft
from directory.kinds.specs import Draft, Part, PartSpec, Spec, Text, Whole

_FIRST_YEAR, _LAST_YEAR = 1500, 2200
_NAME = "Give a name."


class ProgramDraft(Part):
    """A group of services under one name."""

    name: Text = UNSET
    alternate_name: Text = UNSET
    description: Text = UNSET


class UrlDraft(Part):
    """A further address on the web."""

    label: Text = UNSET
    url: Text = UNSET


class FundingDraft(Part):
    """Where money comes from."""

    source_of_funds: Text = UNSET


class OrganizationIdentifierDraft(Part):
    """What somebody else calls an organization."""

    identifier_scheme: Text = UNSET
    identifier_type: Text = UNSET
    identifier: Text = UNSET


class OrganizationDraft(Draft):
    """An agency that offers services. Lists replace the whole list that there was."""

    name: Text = UNSET
    alternate_name: Text = UNSET
    description: Text = UNSET
    email: Text = UNSET
    website: Text = UNSET
    year_incorporated: Whole = UNSET
    legal_status: Text = UNSET
    tax_status: Text = UNSET
    tax_id: Text = UNSET
    logo: Text = UNSET
    uri: Text = UNSET
    phones: list[PhoneDraft] | UnsetType = UNSET
    contacts: list[ContactDraft] | UnsetType = UNSET
    programs: list[ProgramDraft] | UnsetType = UNSET
    additional_websites: list[UrlDraft] | UnsetType = UNSET
    funding: list[FundingDraft] | UnsetType = UNSET
    organization_identifiers: list[OrganizationIdentifierDraft] | UnsetType = UNSET


PROGRAM = Spec(
    "program",
    "program",
    {"name": rules.short, "alternate_name": rules.short, "description": rules.long},
    needed={"name": _NAME},
)
URL = Spec(
    "url",
    "web address",
    {"label": rules.short, "url": rules.web_address},
    needed={"url": "Give a web address that begins with http:// or https://."},
)
FUNDING = Spec(
    "funding",
    "funding",
    {"source_of_funds": rules.short},
    needed={"source_of_funds": "Say where the money comes from."},
)
IDENTIFIER = Spec(
    "organization_identifier",
    "identifier",
    {
        "identifier_scheme": rules.short,
        "identifier_type": rules.short,
        "identifier": rules.short,
    },
    needed={
        "identifier_type": "Say what kind of identifier it is.",
        "identifier": "Give the identifier.",
    },
)
ORGANIZATION = Spec(
    "organization",
    "organization",
    {
        "name": rules.short,
        "alternate_name": rules.short,
        "description": rules.long,
        "email": rules.email,
        "website": rules.web_address,
        "year_incorporated": rules.whole(_FIRST_YEAR, _LAST_YEAR),
        "legal_status": rules.short,
        "tax_status": rules.short,
        "tax_id": rules.short,
        "logo": rules.web_address,
        "uri": rules.web_address,
    },
    needed={"name": _NAME},
    parts={
        "phones": PartSpec(PHONE, "organization_id"),
        "contacts": PartSpec(CONTACT, "organization_id"),
        "programs": PartSpec(PROGRAM, "organization_id"),
        "additional_websites": PartSpec(URL, "organization_id"),
        "funding": PartSpec(FUNDING, "organization_id"),
        "organization_identifiers": PartSpec(IDENTIFIER, "organization_id"),
    },
)
