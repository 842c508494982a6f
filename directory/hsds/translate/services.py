"""Services, where they are offered, and what describes them."""

from typing import Any, Final
from uuid import UUID

import msgspec

from directory.eligibility_rules import as_json, parse_rule
from directory.errors import InvalidError
from directory.hsds.cells import Cells
from directory.hsds.mend import CannotMendError, Mended, amounts, clock, words
from directory.hsds.records import Translation, mark_of
from directory.hsds.translate.details import add_areas
from directory.hsds.translate.languages import add_languages
from directory.hsds.translate.organizations import organization_named
from directory.hsds.translate.taxonomies import add_keyword, add_term
from directory.models.services import Sensitivity, ServiceStatus

_NO_AGES: Final = amounts.Ages()
_FROM_TEXT: Final = "read from the eligibility text"
_PAYMENT_BY: Final = "Payment by: "


def translate_services(translation: Translation) -> None:
    """Translate the services, with what Ohana keeps in their cells."""
    translation.each("service", lambda cells: _service(translation, cells))


def translate_eligibility(translation: Translation) -> None:
    """Add the texts of the eligibility table (HSDS 1.x, 2.x) to their services."""
    translation.each("eligibility", lambda cells: _eligibility(translation, cells))


def translate_payments(translation: Translation) -> None:
    """Add the ways to pay (HSDS 1.x) to what their services say of fees."""
    translation.each("payment_accepted", lambda cells: _payment(translation, cells))


def translate_services_at_locations(translation: Translation) -> None:
    """Translate which service is offered where."""
    translation.each("service_at_location", lambda cells: _at_location(translation, cells))


def _service(translation: Translation, cells: Cells) -> None:
    name = cells.need("name", words.line)
    location = translation.reference(cells, "location_id", "location")
    ages = _ages(cells)
    values: dict[str, Any] = {
        "organization_id": _organization(translation, cells, location),
        "program_id": _program(translation, cells),
        "name": name,
        "alternate_name": cells.get("alternate_name", words.line),
        "description": cells.get("description", words.text),
        "url": cells.get("url", words.url),
        "email": cells.get("email", words.email),
        "status": cells.get("status", _status) or ServiceStatus.ACTIVE,
        "interpretation_services": cells.get("interpretation_services", words.text),
        "application_process": cells.get("application_process", words.text),
        "fees_description": _fees(cells),
        "wait_time": cells.get("wait_time", words.text),
        "accreditations": cells.get("accreditations", words.text),
        "licenses": cells.get("licenses", words.text),
        "eligibility_description": _eligibility_text(cells),
        "minimum_age": ages.minimum,
        "maximum_age": ages.maximum,
        "assured_date": cells.get("assured_date", clock.day),
        "assurer_email": cells.get("assurer_email", words.email),
        "alert": cells.get("alert", words.text),
        "last_modified": cells.get("last_modified", clock.instant),
        "sensitivity": cells.get("openings_sensitivity", _sensitivity),
        "eligibility_rule": cells.get("openings_eligibility_rule", _rule),
    }
    service = translation.add(cells, "service", values, key=cells.raw("id"))
    _add_parts(translation, cells, service, location)


def _organization(translation: Translation, cells: Cells, location: UUID | None) -> UUID:
    """Return the service's organization; Ohana's services have that of their location."""
    named = cells.raw("organization_id")
    if not named and location:
        named = translation.organization_of.get(location.bytes, "")
    if not named:
        raise cells.refused("organization_id", "names no organization")
    return organization_named(translation, cells, named)


def _program(translation: Translation, cells: Cells) -> UUID | None:
    named = cells.raw("program_id")
    found = translation.find("program", named) if named else None
    if named and found is None:
        cells.note("program_id", "left out: no such program in the source")
    return found


def _status(raw: str) -> Mended[ServiceStatus]:
    """Read a status; one that is missing means active, and one we do not know is not listed."""
    word = " ".join(raw.strip().casefold().replace("_", " ").split())
    if not word:
        return ServiceStatus.ACTIVE, "empty: taken as active"
    try:
        return ServiceStatus(word), None
    except ValueError:
        return ServiceStatus.INACTIVE, "not a status: taken as inactive"


def _sensitivity(raw: str) -> Mended[Sensitivity | None]:
    """Read why being seen at a service could harm somebody, by its code or its name."""
    word = raw.strip().upper().replace(" ", "_")
    if not word:
        return None, None
    try:
        return Sensitivity(word), None
    except ValueError as error:
        if word in Sensitivity.__members__:
            return Sensitivity[word], "the code of it"
        raise CannotMendError("not a code of sensitivity") from error


def _rule(raw: str) -> Mended[dict[str, Any] | None]:
    """Read an eligibility rule (``directory.eligibility_rules``) into its shortest form."""
    if not raw.strip():
        return None, None
    try:
        said = msgspec.json.decode(raw)
        rule = as_json(parse_rule(said, path="rule"))
    except (msgspec.DecodeError, RecursionError) as error:
        raise CannotMendError("not JSON") from error
    except InvalidError as error:
        path, message = error.errors[0]
        raise CannotMendError(f"{path}: {message}") from error
    return rule, None if rule == said else "said more shortly"


def _fees(cells: Cells) -> str | None:
    """Return all that a row says of fees; ``fees`` beside a description is deprecated."""
    described, fees = (cells.get(name, words.text) for name in ("fees_description", "fees"))
    payments = cells.get("accepted_payments", words.line)
    by = f"{_PAYMENT_BY}{payments}" if payments else None
    return _together(described, fees if fees != described else None, by)


def _payment(translation: Translation, cells: Cells) -> None:
    payment = cells.get("payment", words.line)
    if payment is None:
        return
    record = translation.at("service", translation.needed(cells, "service_id", "service"))
    *before, last = (record.values["fees_description"] or "").split("\n")
    is_list = last.startswith(_PAYMENT_BY)
    by = f"{last}, {payment}" if is_list else f"{_PAYMENT_BY}{payment}"
    record.values["fees_description"] = _together(*before, *([] if is_list else [last]), by)
    translation.put(record)
    cells.kept += 1


def _eligibility_text(cells: Cells) -> str | None:
    audience = cells.get("audience", words.text)
    eligibility = cells.get("eligibility_description", words.text)
    return _together(eligibility, f"Meant for: {audience}" if audience else None)


def _together(*texts: str | None) -> str | None:
    return "\n".join(text for text in texts if text) or None


def _ages(cells: Cells) -> amounts.Ages:
    """Return the age limits of the two columns, or those that the text states clearly."""
    low, high = cells.raw("minimum_age"), cells.raw("maximum_age")
    if not low and not high:
        ages = amounts.ages_in_words(cells.raw("eligibility_description"))
        if ages != _NO_AGES:
            cells.note("minimum_age", _FROM_TEXT, value=cells.raw("eligibility_description"))
        return ages
    try:
        ages, note = amounts.ages(low, high)
    except CannotMendError as error:
        cells.note("minimum_age", f"left out: {error}", value=f"{low} - {high}")
        return _NO_AGES
    if note:
        cells.note("minimum_age", note, value=f"{low} - {high}")
    return ages


def _add_parts(
    translation: Translation, cells: Cells, service: UUID, location: UUID | None
) -> None:
    """Keep what Ohana writes into the service's own cells."""
    if location:
        add_pair(translation, cells, service, location)
    add_languages(translation, cells, "service_id", service)
    add_areas(translation, cells, service, location)
    for document in cells.get("required_documents", words.items) or ():
        values = {"service_id": service, "document": document, "uri": None}
        translation.add(cells, "required_document", values)
    for code in cells.get("taxonomy_ids", words.items) or ():
        add_term(translation, cells, service, code)
    for keyword in cells.get("keywords", words.items) or ():
        add_keyword(translation, cells, service, keyword)


def _eligibility(translation: Translation, cells: Cells) -> None:
    text = cells.get("eligibility_description", words.text) or cells.get("eligibility", words.text)
    if text is None:
        return
    for service in services_named(translation, cells):
        record = translation.at("service", service)
        values = record.values
        values["eligibility_description"] = _together(values["eligibility_description"], text)
        ages = amounts.ages_in_words(text)
        if ages != _NO_AGES and values["minimum_age"] is None and values["maximum_age"] is None:
            values["minimum_age"], values["maximum_age"] = ages
            cells.note("minimum_age", _FROM_TEXT, value=text)
        translation.put(record)
        cells.kept += 1


def services_named(translation: Translation, cells: Cells) -> list[UUID]:
    """Return the services of a cell, which may list several identifiers with commas.

    A location with several services was exported as one row, "89016,89006".
    """
    whole = cells.raw("service_id")
    if not whole or translation.find("service", whole) or "," not in whole:
        return [translation.needed(cells, "service_id", "service")]
    named = [part.strip() for part in whole.split(",")]
    found = [service for part in named if (service := translation.find("service", part))]
    if not found:
        raise cells.refused("service_id", "no such service in the source")
    cells.note("service_id", "several services in one cell taken apart")
    if len(found) < len(named):
        cells.note("service_id", "left out: one of these is no service in the source")
    return found


def _at_location(translation: Translation, cells: Cells) -> None:
    location = translation.needed(cells, "location_id", "location")
    services = services_named(translation, cells)
    for service in services:
        key = cells.raw("id") if len(services) == 1 else ""
        add_pair(translation, cells, service, location, key=key)


def add_pair(
    translation: Translation, cells: Cells, service: UUID, location: UUID, *, key: str = ""
) -> None:
    """Keep that a service is offered at a location, once.

    Without an identifier of its own the pair identifies it, so that a new description does
    not lose the bookings made there.
    """
    pair = mark_of(service, location)
    if pair in translation.pairs:
        _alias_pair(translation, pair, key)
        return
    values = {"service_id": service, "location_id": location}
    identifier = translation.add(cells, "service_at_location", dict(values), key=key)
    translation.pairs[pair] = identifier.bytes
    record = translation.at("service_at_location", identifier)
    if cells.table == record.table:  # a service's description is not its place's
        record.values["description"] = cells.get("description", words.text)
        translation.put(record)


def _alias_pair(translation: Translation, pair: bytes, key: str) -> None:
    """Let a pair that has another identifier already be found by this one too."""
    if key and not translation.find("service_at_location", key):
        alias = translation.identifier("service_at_location", key)
        translation.aliases[alias.bytes] = translation.pairs[pair]
