"""Organizations, the programs they run, and stand-ins for those that are only named."""

from uuid import UUID

from directory.hsds.ids import record_id
from directory.hsds.mend import CannotMendError, Mended, words
from directory.hsds.mend.clock import day
from directory.hsds.records import LONGEST_SOURCE_ID, Cells, Record, Translation, parents_first


def translate_organizations(translation: Translation) -> None:
    """Translate the organizations, parents before their children."""
    translation.each("organization", lambda cells: _organization(translation, cells))
    parents_first(translation, "organization", "parent_organization_id")


def translate_programs(translation: Translation) -> None:
    """Translate the programs."""
    translation.each("program", lambda cells: _program(translation, cells))


def _organization(translation: Translation, cells: Cells) -> None:
    parent = cells.raw("parent_organization_id")
    values = {
        "name": cells.need("name", words.line),
        "alternate_name": cells.get("alternate_name", words.line),
        "description": cells.get("description", words.text) or "",
        "email": cells.get("email", words.email),
        "website": cells.get("website", words.url),
        "year_incorporated": cells.get("year_incorporated", _year),
        "legal_status": cells.get("legal_status", words.line),
        "parent_organization_id": (
            record_id(translation.source, "organization", parent) if parent else None
        ),
    }
    translation.add(cells, "organization", values, key=cells.raw("id"))


def _program(translation: Translation, cells: Cells) -> None:
    values = {
        "organization_id": translation.needed(cells, "organization_id", "organization"),
        "name": cells.need("name", words.line),
        "alternate_name": cells.get("alternate_name", words.line),
        "description": cells.get("description", words.text) or "",
    }
    translation.add(cells, "program", values, key=cells.raw("id"))


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
    if translation.records["organization"][found].stand_in:
        reason = "not in the source: a stand-in was made for it"
        cells.note("organization_id", reason, value=source_id)
    return found


def _stand_in(translation: Translation, cells: Cells, source_id: str) -> UUID:
    if len(source_id) > LONGEST_SOURCE_ID:
        raise cells.refused("organization_id", "the identifier is too long")
    identifier = record_id(translation.source, "organization", source_id)
    values = {"name": f"Organization {source_id} (name not in the source)"}
    row = cells.row
    record = Record(
        "organization", identifier, source_id, values, row.file, row.line, stand_in=True
    )
    translation.records.setdefault("organization", {})[identifier] = record
    translation.report.of("organization").stand_ins += 1
    return identifier
