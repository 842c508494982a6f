"""Languages: their names and ISO 639 codes."""

from functools import cache
from typing import Final
from uuid import UUID

from babel import Locale

from directory.hsds.cells import Cells
from directory.hsds.mend import words
from directory.hsds.records import Translation

_LONGEST_CODE: Final = 3
#: Names that directories use and CLDR does not.
_OTHER_NAMES: Final = {
    "american sign language": "ase",
    "asl": "ase",
    "chinese (cantonese)": "yue",
    "chinese (mandarin)": "cmn",
    "creole": "ht",
    "farsi": "fa",
    "filipino": "fil",
    "haitian": "ht",
    "mandarin": "cmn",
    "sign language": "ase",
    "tagalog": "tl",
    "taiwanese": "nan",
}


def translate_languages(translation: Translation) -> None:
    """Translate the rows of the language table."""
    translation.each("language", lambda cells: _language(translation, cells))


def add_languages(translation: Translation, cells: Cells, owner: str, identifier: UUID) -> None:
    """Keep the languages that a row lists in one cell, by name or by code."""
    nobody = dict.fromkeys(("service_id", "location_id", "phone_id"))
    listed = cells.get("languages", words.items) or cells.get("language", words.items) or ()
    for name in listed:
        values = {**nobody, owner: identifier, **_name_and_code(name), "note": None}
        translation.add(cells, "language", values)


def code_of(name: str) -> str | None:
    """Return the ISO 639 code of a language's English name, if it has one that we know."""
    key = name.strip().casefold()
    return _OTHER_NAMES.get(key) or _codes().get(key)


def _language(translation: Translation, cells: Cells) -> None:
    owners = translation.owners(cells, "service", "location", "phone")
    name = cells.get("name", words.line) or cells.get("code", words.line)
    if name is None:
        raise cells.refused("name", "names no language")
    values = {**owners, **_name_and_code(name), "note": cells.get("note", words.text)}
    code = (cells.get("code", words.line) or "").casefold()
    if 1 < len(code) <= _LONGEST_CODE:
        values["code"] = code
    translation.add(cells, "language", values, key=cells.raw("id"))


def _name_and_code(word: str) -> dict[str, str | None]:
    """Read a word that may be a language's name or its code."""
    name = _names().get(word.casefold())
    if name:
        return {"name": name, "code": word.casefold()}
    return {"name": word, "code": code_of(word)}


@cache
def _names() -> dict[str, str]:
    """Return the English names of languages by their code."""
    names = Locale("en").languages
    return {code: name for code, name in names.items() if len(code) <= _LONGEST_CODE}


@cache
def _codes() -> dict[str, str]:
    """Return the codes of languages by their English name, the shorter code first."""
    named = sorted(_names().items(), key=lambda item: -len(item[0]))
    return {name.casefold(): code for code, name in named}
