"""Taxonomies, their terms, and what they are said of."""

import re
import unicodedata
from typing import Any, Final
from uuid import UUID

from directory.hsds.cells import Cells, RowRefusedError
from directory.hsds.columns import COLUMNS
from directory.hsds.mend import words
from directory.hsds.records import Translation, mark_of, parents_first

#: The taxonomy of Ohana's ``taxonomy_ids``.
OPEN_ELIGIBILITY: Final = "Open Eligibility"
_LONGEST_CODE: Final = 80
#: What may have terms: everything but the terms themselves.
_LINKED: Final = COLUMNS.keys() - {"taxonomy", "taxonomy_term", "attribute", "metadata"}


def translate_taxonomies(translation: Translation) -> None:
    """Translate the taxonomies and their terms, parents before their children."""
    translation.each("taxonomy", lambda cells: _taxonomy(translation, cells))
    translation.each("term", lambda cells: _term(translation, cells))
    parents_first(translation, "taxonomy_term", "parent_id")


def translate_attributes(translation: Translation) -> None:
    """Translate which terms are said of which records."""
    translation.each("attribute", lambda cells: _attribute(translation, cells))


def add_term(translation: Translation, cells: Cells, service: UUID, term: str) -> None:
    """Say a term of a service, by the term's identifier or code."""
    found = translation.find("taxonomy_term", term)
    if found is None:
        cells.note("taxonomy_ids", "left out: no such term in the source", value=term)
        return
    _say(translation, cells, ("service", service), found)


def add_keyword(translation: Translation, cells: Cells, service: UUID, keyword: str) -> None:
    """Say a keyword of a service: a term of the source's own list of them."""
    taxonomy = _named(translation, cells, f"Keywords of {translation.source}")
    code = _code_of(keyword)
    if not code:
        return
    term = translation.find("taxonomy_term", code)
    if term is None:
        values = _term_values(code, keyword, taxonomy)
        term = translation.add(cells, "taxonomy_term", values, key=code)
    _say(translation, cells, ("service", service), term)


def _taxonomy(translation: Translation, cells: Cells) -> None:
    values = {
        "name": cells.need("name", words.line),
        "description": cells.get("description", words.text) or "",
        "uri": cells.get("uri", words.url),
        "version_label": cells.get("version", words.line),
    }
    add_named(translation, cells, "taxonomy", values)


def _term(translation: Translation, cells: Cells) -> None:
    key = cells.raw("id") or cells.raw("code")
    code = cells.raw("code") or key
    if not code:
        raise cells.refused("id", "has neither an identifier nor a code")
    taxonomy = _taxonomy_of(translation, cells)
    if mark_of(taxonomy, code) in translation.said:
        raise RowRefusedError("code", code, "another term has this code")
    parent = cells.raw("parent_id")
    parent_id = translation.identifier("taxonomy_term", parent) if parent else None
    values = {
        **_term_values(code, cells.need("name", words.line), taxonomy),
        "description": cells.get("description", words.text) or "",
        "parent_id": parent_id,
        "taxonomy": cells.get("taxonomy", words.line),
        "language": cells.get("language", words.line),
        "term_uri": cells.get("term_uri", words.url),
    }
    term = translation.add(cells, "taxonomy_term", values, key=key)
    translation.said.add(mark_of(taxonomy, code))
    if parent:
        translation.parent_of[term.bytes] = parent


def _term_values(code: str, name: str, taxonomy: UUID) -> dict[str, UUID | str | None]:
    return {
        "code": code,
        "name": name,
        "description": "",
        "parent_id": None,
        "taxonomy_id": taxonomy,
        "term_uri": None,
    }


def _taxonomy_of(translation: Translation, cells: Cells) -> UUID:
    """Return the taxonomy that a term names; Ohana has one and HSDS 1 often names none."""
    named = cells.raw("taxonomy_id")
    found = translation.find("taxonomy", named) if named else None
    if found is not None:
        return found
    if named:
        cells.note("taxonomy_id", "no such taxonomy in the source: one was made by its name")
    is_ohana = not translation.folder.has("term", "id")
    usual = OPEN_ELIGIBILITY if is_ohana else f"Taxonomy of {translation.source}"
    return _named(translation, cells, cells.get("taxonomy", words.line) or usual)


def _named(translation: Translation, cells: Cells, name: str) -> UUID:
    """Return the taxonomy of that name, which no row of the source describes."""
    values = {"name": name, "description": "", "uri": None, "version_label": None}
    if ("taxonomy", name) not in translation.named:
        made = translation.add(cells, "taxonomy", values, key=f"named {name}"[:200])
        translation.named["taxonomy", name] = made
    return translation.named["taxonomy", name]


def add_named(translation: Translation, cells: Cells, table: str, values: dict[str, Any]) -> None:
    """Keep a record of a table whose names are unique; another of the same name is that one."""
    key, named = cells.raw("id"), (table, values["name"])
    if named not in translation.named:
        translation.named[named] = translation.add(cells, table, values, key=key)
    elif key and translation.find(table, key) != translation.named[named]:
        alias = translation.identifier(table, key)
        translation.aliases[alias.bytes] = translation.named[named].bytes
        cells.note("name", f"another {table} has this name: taken as the same")
        cells.kept += 1


def _attribute(translation: Translation, cells: Cells) -> None:
    entity = cells.raw("link_entity") or cells.raw("link_type")
    if entity not in _LINKED:
        raise RowRefusedError("link_entity", entity, "not a kind of record that has terms")
    column = "link_id" if cells.raw("link_id") else f"{entity}_id"
    link = translation.needed(cells, column, entity)
    term = translation.needed(cells, "taxonomy_term_id", "taxonomy_term")
    is_said = cells.raw("link_entity") and cells.raw("link_type")
    said = (cells.get("link_type", words.line) if is_said else None) or ""
    _say(
        *(translation, cells, (entity, link), term),
        link_type=said,
        value=cells.get("value", words.line) or "",
        label=cells.get("label", words.line),
        key=cells.raw("id"),
    )


def _say(
    translation: Translation,
    cells: Cells,
    linked: tuple[str, UUID],
    term: UUID,
    *,
    link_type: str = "",
    value: str = "",
    label: str | None = None,
    key: str = "",
) -> None:
    """Say a term of a record, once."""
    said = mark_of(linked[1], term, link_type, value)
    if said in translation.said:
        return
    values = {
        "link_entity": linked[0],
        "link_id": linked[1],
        "taxonomy_term_id": term,
        "link_type": link_type,
        "value": value,
        "label": label,
    }
    translation.add(cells, "attribute", values, key=key)
    translation.said.add(said)


def _code_of(keyword: str) -> str:
    """Return a keyword as a code that no other taxonomy uses, "" where it has no letters."""
    plain = unicodedata.normalize("NFKD", keyword).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.casefold()).strip("-")
    return f"keyword-{slug}"[:_LONGEST_CODE] if slug else ""
