"""Services and what hangs on them, as they are edited."""

from collections.abc import Iterator
from uuid import UUID

from msgspec import UNSET, UnsetType

from directory import field_rules as rules
from directory.errors import FieldError
from directory.kinds.contacts import (
    CONTACT,
    LANGUAGE,
    PHONE,
    ContactDraft,
    LanguageDraft,
    PhoneDraft,
)
from directory.kinds.organizations import FUNDING, URL, FundingDraft, UrlDraft
from directory.kinds.schedules import SCHEDULE, Day, ScheduleDraft
from directory.kinds.specs import Draft, Number, Part, PartSpec, Spec, Text, Tree, Values, Whole
from directory.models.services import Sensitivity, ServiceStatus
from directory.service_areas import GEOJSON


class RequiredDocumentDraft(Part):
    """A paper that someone has to bring."""

    document: Text = UNSET
    uri: Text = UNSET


class CostOptionDraft(Part):
    """A price and when it applies, in whole cents."""

    valid_from: Day = UNSET
    valid_to: Day = UNSET
    option: Text = UNSET
    currency: Text = UNSET
    amount_cents: Whole = UNSET
    amount_description: Text = UNSET


class ServiceAreaDraft(Part):
    """Where the people live whom a service serves.

    ``extent`` has ZIP codes, states and counties with spaces between ("48933 MI:Ingham_County"),
    and ``extent_type`` is "text" or left out; or it is a polygon, and that "geojson".
    """

    name: Text = UNSET
    description: Text = UNSET
    extent: Text = UNSET
    extent_type: Text = UNSET
    uri: Text = UNSET


class ServiceDraft(Draft):
    """Something an organization does for people. Lists replace the whole list that there was.

    ``needs`` are codes of the everyday needs; ``eligibility_rule`` is a rule of
    docs/reference/eligibility-rules.md, and is kept in its one form.
    """

    name: Text = UNSET
    alternate_name: Text = UNSET
    description: Text = UNSET
    program_id: UUID | UnsetType | None = UNSET
    url: Text = UNSET
    email: Text = UNSET
    status: Text = UNSET
    interpretation_services: Text = UNSET
    application_process: Text = UNSET
    fees_description: Text = UNSET
    wait_time: Text = UNSET
    accreditations: Text = UNSET
    licenses: Text = UNSET
    eligibility_description: Text = UNSET
    minimum_age: Number = UNSET
    maximum_age: Number = UNSET
    eligibility_rule: Tree = UNSET
    alert: Text = UNSET
    sensitivity: Text = UNSET
    needs: list[str] | UnsetType = UNSET
    phones: list[PhoneDraft] | UnsetType = UNSET
    contacts: list[ContactDraft] | UnsetType = UNSET
    languages: list[LanguageDraft] | UnsetType = UNSET
    schedules: list[ScheduleDraft] | UnsetType = UNSET
    required_documents: list[RequiredDocumentDraft] | UnsetType = UNSET
    cost_options: list[CostOptionDraft] | UnsetType = UNSET
    service_areas: list[ServiceAreaDraft] | UnsetType = UNSET
    additional_urls: list[UrlDraft] | UnsetType = UNSET
    funding: list[FundingDraft] | UnsetType = UNSET


class ServiceAtLocationDraft(Draft):
    """A service as offered in one place. Lists replace the whole list that there was."""

    description: Text = UNSET
    phones: list[PhoneDraft] | UnsetType = UNSET
    contacts: list[ContactDraft] | UnsetType = UNSET
    schedules: list[ScheduleDraft] | UnsetType = UNSET
    service_areas: list[ServiceAreaDraft] | UnsetType = UNSET


class NewServiceAtLocationDraft(ServiceAtLocationDraft, kw_only=True):
    """A service that is to be offered in a place."""

    service_id: UUID
    location_id: UUID


def _ages_in_order(values: Values) -> Iterator[FieldError]:
    least, most = values["minimum_age"], values["maximum_age"]
    if None not in (least, most) and most < least:
        yield FieldError("maximum_age", "The greatest age is less than the least.")


def _priced(values: Values) -> Iterator[FieldError]:
    if not any(
        values[name] is not None for name in ("option", "amount_cents", "amount_description")
    ):
        yield FieldError("amount_cents", "Give a price, or say in words what it costs.")
    if None not in (values["valid_from"], values["valid_to"]) and (
        values["valid_to"] < values["valid_from"]
    ):
        yield FieldError("valid_to", "The last day comes before the first.")


def _somewhere(values: Values) -> Iterator[FieldError]:
    if not any(values[name] for name in ("name", "description", "extent", "uri")):
        yield FieldError("name", "Say where the people live whom it is for.")
    is_drawn = (values["extent"] or "").startswith("{")
    if is_drawn and values["extent_type"] != GEOJSON:
        yield FieldError("extent_type", 'Give "geojson" with a polygon.')
    if not is_drawn and values["extent_type"] == GEOJSON:
        yield FieldError("extent", "Give a polygon as GeoJSON, or another extent_type.")


DOCUMENT = Spec(
    "required_document",
    "required document",
    {"document": rules.short, "uri": rules.web_address},
    needed={"document": "Say what to bring."},
)
COST = Spec(
    "cost_option",
    "price",
    {
        "valid_from": rules.as_is,
        "valid_to": rules.as_is,
        "option": rules.short,
        "currency": rules.currency,
        "amount_cents": rules.whole(0, rules.MOST_CENTS),
        "amount_description": rules.short,
    },
    together=_priced,
)
AREA = Spec(
    "service_area",
    "service area",
    {
        "name": rules.short,
        "description": rules.long,
        "extent": rules.extent,
        "extent_type": rules.one_word_of("text", GEOJSON),
        "uri": rules.web_address,
    },
    together=_somewhere,
)
SERVICE = Spec(
    "service",
    "service",
    {
        "name": rules.short,
        "alternate_name": rules.short,
        "description": rules.long,
        "program_id": rules.as_is,
        "url": rules.web_address,
        "email": rules.email,
        "status": rules.one_of(ServiceStatus),
        "interpretation_services": rules.long,
        "application_process": rules.long,
        "fees_description": rules.long,
        "wait_time": rules.short,
        "accreditations": rules.long,
        "licenses": rules.long,
        "eligibility_description": rules.long,
        "minimum_age": rules.age,
        "maximum_age": rules.age,
        "eligibility_rule": rules.eligibility,
        "alert": rules.words(1000),
        "sensitivity": rules.one_of(Sensitivity),
    },
    needed={"name": "Give a name."},
    together=_ages_in_order,
    parts={
        "phones": PartSpec(PHONE, "service_id"),
        "contacts": PartSpec(CONTACT, "service_id"),
        "languages": PartSpec(LANGUAGE, "service_id"),
        "schedules": PartSpec(SCHEDULE, "service_id"),
        "required_documents": PartSpec(DOCUMENT, "service_id"),
        "cost_options": PartSpec(COST, "service_id"),
        "service_areas": PartSpec(AREA, "service_id"),
        "additional_urls": PartSpec(URL, "service_id"),
        "funding": PartSpec(FUNDING, "service_id"),
    },
)
SERVICE_AT_LOCATION = Spec(
    "service_at_location",
    "service at a location",
    {"description": rules.words(1000)},
    parts={
        "phones": PartSpec(PHONE, "service_at_location_id"),
        "contacts": PartSpec(CONTACT, "service_at_location_id"),
        "schedules": PartSpec(SCHEDULE, "service_at_location_id"),
        "service_areas": PartSpec(AREA, "service_at_location_id"),
    },
)
