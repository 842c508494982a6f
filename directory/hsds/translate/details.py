"""What describes a service further: documents, costs, money, links, and the areas it serves."""

import re
from typing import Any, Final
from uuid import UUID

from directory.hsds.cells import Cells, RowRefusedError
from directory.hsds.mend import amounts, clock, words
from directory.hsds.records import Translation
from directory.service_areas import is_geojson
from geo.geojson import GeoJSONError, read_shape
from geo.states import state_of

_ZIP: Final = re.compile(r"\d{5}")
_LONGEST_CURRENCY: Final = 3


def translate_documents(translation: Translation) -> None:
    """Translate the papers that someone has to bring."""
    translation.each("required_document", lambda cells: _document(translation, cells))


def translate_costs(translation: Translation) -> None:
    """Translate what services cost."""
    translation.each("cost_option", lambda cells: _cost(translation, cells))


def translate_funding(translation: Translation) -> None:
    """Translate where the money of organizations and services comes from."""
    translation.each("funding", lambda cells: _funding(translation, cells))


def translate_urls(translation: Translation) -> None:
    """Translate the further web addresses of organizations and services."""
    translation.each("url", lambda cells: _url(translation, cells))


def translate_areas(translation: Translation) -> None:
    """Translate where the people live whom services serve."""
    translation.each("service_area", lambda cells: _area(translation, cells))


def add_areas(translation: Translation, cells: Cells, service: UUID, location: UUID | None) -> None:
    """Keep the areas that Ohana lists in a service's own cell."""
    state = translation.state_of.get(location.bytes, "") if location else ""
    for name in cells.get("service_areas", words.items) or ():
        values = _area_values(name, extent_of(name, state))
        values |= {"service_id": service, "service_at_location_id": None}
        translation.add(cells, "service_area", values)


def extent_of(name: str, state: str = "") -> str | None:
    """Return an area in our short form: a ZIP code, a state, or a county of a known state.

    A town has none; its name alone is kept.
    """
    if _ZIP.fullmatch(name):
        return name
    county, _, its_state = (part.strip() for part in name.partition(","))
    code = state_of(its_state.casefold().replace(" ", "")) if its_state else state
    if county.endswith(" County") and code:
        return f"{code}:{county.replace(' ', '_')}"
    return state_of(name.casefold().replace(" ", ""))


def _document(translation: Translation, cells: Cells) -> None:
    values = {
        "service_id": translation.needed(cells, "service_id", "service"),
        "document": cells.need("document", words.text),
        "uri": cells.get("uri", words.url),
    }
    translation.add(cells, "required_document", values, key=cells.raw("id"))


def _cost(translation: Translation, cells: Cells) -> None:
    currency = (cells.get("currency", words.line) or "").upper()
    values = {
        "service_id": translation.needed(cells, "service_id", "service"),
        **valid_dates(cells),
        "option": cells.get("option", words.line),
        "currency": currency if len(currency) == _LONGEST_CURRENCY else None,
        "amount_cents": cells.get("amount_cents", amounts.cents),
        "amount_description": cells.get("amount_description", words.text),
    }
    translation.add(cells, "cost_option", values, key=cells.raw("id"))


def _funding(translation: Translation, cells: Cells) -> None:
    values = {
        **translation.owners(cells, "organization", "service"),
        "source_of_funds": cells.get("source", words.text),
    }
    translation.add(cells, "funding", values, key=cells.raw("id"))


def _url(translation: Translation, cells: Cells) -> None:
    values = {
        **translation.owners(cells, "organization", "service"),
        "label": cells.get("label", words.line),
        "url": cells.need("url", words.url),
    }
    translation.add(cells, "url", values, key=cells.raw("id"))


def valid_dates(cells: Cells) -> dict[str, Any]:
    """Return from when until when a row holds; refuse it where it ends before it begins."""
    first, last = cells.get("valid_from", clock.day), cells.get("valid_to", clock.day)
    if first and last and last < first:
        raise RowRefusedError("valid_to", cells.raw("valid_to"), "ends before it begins")
    return {"valid_from": first, "valid_to": last}


def _area(translation: Translation, cells: Cells) -> None:
    owners = translation.owners(cells, "service", "service_at_location")
    name = cells.get("name", words.line)
    kind = cells.get("extent_type", words.line)
    extent = _extent(cells, kind)
    if not (name or extent or cells.raw("description")):
        raise cells.refused("name", "names no area")
    values = _area_values(name, extent or extent_of(name or ""))
    values["extent_type"] = kind or values["extent_type"]
    values |= {
        **owners,
        "description": cells.get("description", words.text),
        "uri": cells.get("uri", words.url),
    }
    translation.add(cells, "service_area", values, key=cells.raw("id"))


def _extent(cells: Cells, kind: str | None) -> str | None:
    """Return an extent: GeoJSON as it stands, other words mended; note what no search goes by."""
    said = cells.raw("extent")
    if not is_geojson({"extent": said, "extent_type": kind}):
        extent = cells.get("extent", words.text)
        if extent and (kind or "text").casefold() != "text":
            cells.remark("extent", "kept, but no search goes by it: only text and geojson")
        return extent
    if "\x00" in said:  # which no database takes
        return cells.get("extent", words.text)
    if said:
        try:
            read_shape(said)
        except GeoJSONError as error:
            what = error.mistakes[0].words
            cells.remark("extent", f"kept, but no search goes by it: no polygon. {what}")
    return said or None


def _area_values(name: str | None, extent: str | None) -> dict[str, Any]:
    return {
        "name": name,
        "description": None,
        "extent": extent,
        "extent_type": "text" if extent and not extent.startswith("{") else None,
        "uri": None,
    }
