"""What a source tells of its own changes, and of its tables."""

from datetime import datetime

from directory.hsds.cells import Cells, RowRefusedError
from directory.hsds.columns import COLUMNS
from directory.hsds.mend import clock, words
from directory.hsds.records import Translation
from directory.hsds.translate.capacities import instant_or_day

#: The way in which a change came that another directory tells of.
ORIGIN = "source"


def translate_histories(translation: Translation) -> None:
    """Translate which fields the source says it changed."""
    translation.each("metadata", lambda cells: _change(translation, cells))


def translate_table_descriptions(translation: Translation) -> None:
    """Translate what the source says of its tables."""
    translation.each("meta_table_description", lambda cells: _description(translation, cells))


def _change(translation: Translation, cells: Cells) -> None:
    table, resource = cells.raw("resource_type").casefold(), cells.raw("resource_id")
    if table not in COLUMNS:
        raise cells.refused("resource_type", "not a kind of record")
    if not resource:
        raise RowRefusedError("resource_id", "", "names no record")
    found = translation.find(table, resource)
    if found is None:
        cells.note("resource_id", "not in the source any more, or never was")
    values = {
        "resource_id": found or translation.identifier(table, resource),
        "resource_type": table,
        "last_action_at": _at(cells),
        "last_action_type": cells.need("last_action_type", words.line),
        "field_name": cells.need("field_name", words.line),
        "previous_value": cells.get("previous_value", words.text) or "",
        "replacement_value": cells.get("replacement_value", words.text) or "",
        "updated_by": cells.get("updated_by", words.line) or "",
        "origin": cells.get("openings_origin", words.line) or ORIGIN,
    }
    translation.add(cells, "metadata", values, key=cells.raw("id"))


def _at(cells: Cells) -> datetime:
    """Return when the change was: ours to the instant, HSDS's to the day."""
    exact = cells.get("openings_last_action_at", clock.instant)
    return exact or cells.need("last_action_date", instant_or_day)


def _description(translation: Translation, cells: Cells) -> None:
    values = {
        "name": cells.get("name", words.line),
        "language": cells.get("language", words.line),
        "character_set": cells.get("character_set", words.line),
    }
    if not any(values.values()):
        raise cells.refused("name", "describes nothing")
    translation.add(cells, "meta_table_description", values, key=cells.raw("id"))
