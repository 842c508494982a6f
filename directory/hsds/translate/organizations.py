"""Organizations, the programs they run, and stand-ins for those that are only named."""

from uuid import UUID

from directory.hsds.cells import Cells
from directory.hsds.columns import whole
from directory.hsds.mend import CannotMendError, Mended, words
from directory.hsds.mend.clock import day
from directory.hsds.records import LONGEST_SOURCE_ID, Record, Translation, parents_first


def translate_organizations(translation: Translation) -> None:
    """Translate the organizations, parents before their children."""
    translation.each("organization", lambda cells: _organization(translation, cells))
    parents_first(translation, "organization", "parent_organization_id")


def translate_programs(translation: Translation) -> None:
    """Translate the programs."""
    translation.each("program", lambda cells: _program(translation, cells))


def translate_identifiers(translation: Translation) -> None:
    """Translate what others call the organizations."""
    translation.each("organization_identifier", lambda cells: _identifier(translation, cells))


def _organization(translation: Translation, cells: Cells) -> None:
    parent = cells.raw("parent_organization_id")
    values = {
        "name": cells.need("name", words.line),
        "alternate_name": cells.get("alternate_name", words.line),
        "description": cells.get("description", words.text) or "",
        "email": cells.get("email", words.email),
        "website": cells.get("website", words.url),
        "tax_status": cells.get("tax_status", words.line),
        "tax_id": cells.get("tax_id", words.line),
        "year_incorporated": cells.get("year_incorporated", _year),
        "legal_status": cells.get("legal_status", words.line),
        "logo": cells.get("logo", words.url),
        "uri": cells.get("uri", words.url),
        "parent_organization_id": (
            translation.identifier("organization", parent) if parent else None
        ),
    }
    organization = translation.add(cells, "organization", values, key=cells.raw("id"))
    if parent:
        translation.parent_of[organization.bytes] = parent


def _program(translation: Translation, cells: Cells) -> None:
    values = {
        "organization_id": translation.needed(cells, "organization_id", "organization"),
        "name": cells.need("name", words.line),
        "alternate_name": cells.get("alternate_name", words.line),
        "description": cells.get("description", words.text) or "",
    }
    translation.add(cells, "program", values, key=cells.raw("id"))


def _identifier(translation: Translation, cells: Cells) -> None:
    values = {
        "organization_id": translation.needed(cells, "organization_id", "organization"),
        "identifier_scheme": cells.get("identifier_scheme", words.line),
        "identifier_type": cells.need("identifier_type", words.line),
        "identifier": cells.need("identifier", words.line),
    }
    translation.add(cells, "organization_identifier", values, key=cells.raw("id"))


def _year(raw: str) -> Mended[int | None]:
    """Read a year, or the year of a whole date."""
    plain, _ = words.line(raw)
    if plain is None:
        return None, None
    if plain.isascii() and plain.isdigit() and len(plain) == len("1970"):
        return int(plain), None
    date, _ = day(plain)
    if date is None:
        raise CannotMendError("not a year")
    return date.year, "only the year kept"


def organization_named(translation: Translation, cells: Cells, source_id: str) -> UUID:
    """Return the organization that a row names, making a stand-in where the source has none.

    A third of a real directory can hang on organizations that were left out of the export;
    refusing those services would lose them.
    """
    found = translation.find("organization", source_id)
    if found is None:
        found = _stand_in(translation, cells, source_id)
    if found.bytes in translation.stand_ins:
        reason = "not in the source: a stand-in was made for it"
        cells.note("organization_id", reason, value=source_id)
    return found


def _stand_in(translation: Translation, cells: Cells, source_id: str) -> UUID:
    if len(source_id) > LONGEST_SOURCE_ID:
        raise cells.refused("organization_id", "the identifier is too long")
    identifier = translation.identifier("organization", source_id)
    values = whole("organization", {"name": f"Organization {source_id} (name not in the source)"})
    row = cells.row
    translation.put(
        Record("organization", identifier, source_id, values, row.file, row.line, stand_in=True)
    )
    translation.stand_ins.add(identifier.bytes)
    translation.report.of("organization").stand_ins += 1
    return identifier
