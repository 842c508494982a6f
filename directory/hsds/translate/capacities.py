"""Units and capacities: what is counted, and how much of it is free."""

from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from directory.hsds.cells import Cells
from directory.hsds.mend import CannotMendError, Mended, amounts, clock, words
from directory.hsds.records import Translation
from directory.hsds.translate.taxonomies import add_named
from directory.models.openings import OpeningStatus

#: How long a report counts whose source does not say (``directory.commands.openings``).
VALID_FOR: Final = timedelta(hours=12)
#: A day without an offset may have begun elsewhere, and clocks are wrong.
_CLOCKS_DIFFER: Final = timedelta(days=1)
_LONGEST_NOTE: Final = 200


def translate_units(translation: Translation) -> None:
    """Translate what is counted; ours have one unit for each name."""
    translation.each("unit", lambda cells: _unit(translation, cells))


def translate_capacities(translation: Translation) -> None:
    """Translate the reports of what is free."""
    translation.each("service_capacity", lambda cells: _capacity(translation, cells))


def _unit(translation: Translation, cells: Cells) -> None:
    values = {
        "name": cells.need("name", words.line),
        "scheme": cells.get("scheme", words.line),
        "identifier": cells.get("identifier", words.line),
        "uri": cells.get("uri", words.url),
    }
    add_named(translation, cells, "unit", values)


def _capacity(translation: Translation, cells: Cells) -> None:
    """Keep one report. A later one of the same identifier is another: reports are added."""
    updated = cells.need("updated", instant_or_day)
    if updated > translation.started_at + _CLOCKS_DIFFER:
        raise cells.refused("updated", "in the future: nothing said since would count before then")
    values = {
        "service_id": translation.needed(cells, "service_id", "service"),
        "unit_id": translation.needed(cells, "unit_id", "unit"),
        **_numbers(cells),
        "description": cells.get("description", _note),
        "updated": updated,
        **_ours(translation, cells, updated),
    }
    values["status"] = _status(cells, values["available"])
    within = updated.isoformat()
    translation.add(cells, "service_capacity", values, key=cells.raw("id"), within=within)


def _numbers(cells: Cells) -> dict[str, int | None]:
    """Return how many are free of how many; never more than there are."""
    available = cells.get("available", amounts.whole)
    maximum = cells.get("maximum", amounts.whole)
    if available is not None and maximum is not None and available > maximum:
        cells.note("available", "more free than there are: taken as all of them")
        available = maximum
    return {"available": available, "maximum": maximum}


def _ours(translation: Translation, cells: Cells, updated: datetime) -> dict[str, Any]:
    """Return what HSDS has no word for: where, for whom, until when, and who said so."""
    place = "openings_service_at_location_id"
    expires_at = cells.get("openings_expires_at", clock.instant)
    if expires_at is None or expires_at <= updated:
        expires_at = updated + VALID_FOR
    return {
        "service_at_location_id": translation.reference(cells, place, "service_at_location"),
        "population": cells.get("openings_population", words.line) or "",
        "expires_at": expires_at,
        "said_by": cells.get("openings_said_by", words.line) or translation.source,
    }


def _status(cells: Cells, available: int | None) -> OpeningStatus:
    """Return what is said about room, or what the number says, or that one has to ask."""
    word = cells.ours("status").casefold().replace("_", " ")
    if word in set(OpeningStatus):
        return OpeningStatus(word)
    if word:
        cells.note("openings_status", "not a status: taken from the number")
    if available is None:
        return OpeningStatus.CALL
    return OpeningStatus.OPEN if available else OpeningStatus.FULL


def _note(raw: str) -> Mended[str | None]:
    note, reason = words.line(raw)
    if note and len(note) > _LONGEST_NOTE:
        return f"{note[: _LONGEST_NOTE - 1]}\u2026", f"shortened to {_LONGEST_NOTE} characters"
    return note, reason


def instant_or_day(raw: str) -> Mended[datetime | None]:
    """Read an instant, or a date, or a time without an offset, which is taken as UTC."""
    try:
        return clock.instant(raw)
    except CannotMendError:
        pass
    day, _ = clock.day(raw)
    if day is None:
        return None, None
    try:
        read = datetime.fromisoformat(raw.strip())
    except ValueError:
        read = datetime.combine(day, time())
    if len(raw.strip()) == len("2030-01-01"):
        return read.replace(tzinfo=UTC), None
    return read.replace(tzinfo=UTC), "without an offset: taken as UTC"
