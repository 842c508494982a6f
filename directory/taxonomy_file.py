"""Reading the terms of one or more taxonomies from an HSDS file: JSON or CSV."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

from directory.errors import FieldError, InvalidError

MOST_BYTES: Final = 64 * 1024 * 1024
MOST_TERMS: Final = 100_000
MOST_MISTAKES: Final = 20
LONGEST_CODE: Final = 80
_LONGEST_NAME: Final = 500
_LONGEST_ID: Final = 200

#: Columns that had another name, as in Ohana's list of terms.
_OLD_NAMES: Final = {"code": "taxonomy_id", "id": "code"}


@dataclass(slots=True)
class Term:
    """A term as the file has it; ``parent`` is the ``key`` of another one, or empty.

    ``key`` is the term's identifier in the file, else its code. The code is opaque: nothing is
    read out of it.
    """

    key: str
    code: str
    name: str
    description: str = ""
    parent: str = ""
    term_uri: str | None = None
    language: str | None = None


@dataclass(slots=True)
class TaxonomyTerms:
    """A taxonomy of the file, its terms by their keys, and what had to be put right."""

    name: str
    description: str = ""
    uri: str | None = None
    version: str | None = None
    terms: dict[str, Term] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def read_taxonomies(path: Path, *, usual_name: str) -> list[TaxonomyTerms]:
    """Read a file of HSDS ``taxonomy_term``: a JSON list, or a Page of them, or CSV.

    Terms that name no taxonomy are of the one with ``usual_name``. A code that comes twice in a
    taxonomy stays with the first term; the other gets its name behind it, because both may be
    in use. Parents that are missing, or go round in a circle, are left out. Both are noted.

    Raises ``InvalidError`` naming every term without an identifier, a code or a name.
    """
    if path.stat().st_size > MOST_BYTES:
        raise InvalidError.of(path.name, f"A taxonomy has at most {MOST_BYTES >> 20} MB.")
    found: dict[str, TaxonomyTerms] = {}
    keys: set[str] = set()
    mistakes: list[FieldError] = []
    for n, row in enumerate(_rows(path)):
        wrong = list(_mistakes(row, n, keys))
        mistakes += wrong
        if not wrong:
            keys.add(_key(row))
            _add(found, row, usual_name)
        if n >= MOST_TERMS or len(mistakes) >= MOST_MISTAKES:
            mistakes += [FieldError(path.name, "Too many terms.")] if n >= MOST_TERMS else []
            break
    if not found and not mistakes:
        mistakes.append(FieldError(path.name, "There are no terms in this file."))
    if mistakes:
        raise InvalidError(mistakes[:MOST_MISTAKES])
    for taxonomy in found.values():
        _tell_codes_apart(taxonomy)
        _cut_circles(taxonomy)
    return list(found.values())


def parents_first(taxonomy: TaxonomyTerms) -> Iterator[Term]:
    """Yield the terms, each behind its parent."""
    placed: set[str] = set()
    for term in taxonomy.terms.values():
        chain = []
        at: Term | None = term
        while at is not None and at.key not in placed:
            chain.append(at)
            placed.add(at.key)
            at = taxonomy.terms.get(at.parent)
        yield from reversed(chain)


def _rows(path: Path) -> Iterable[Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidError.of(path.name, "This file is not in UTF-8.") from None
    if path.suffix.casefold() == ".csv":
        return _csv_rows(text, path)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidError.of(path.name, "This is not JSON that we can read.") from None
    if isinstance(value, dict):
        value = value.get("contents", value.get("taxonomy_terms"))
    if not isinstance(value, list):
        raise InvalidError.of(path.name, "Give a list of taxonomy terms, or a page of them.")
    return value


def _csv_rows(text: str, path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        for row in islice(csv.DictReader(text.splitlines(keepends=True)), MOST_TERMS + 1):
            old = {new: row[name] for new, name in _OLD_NAMES.items() if row.get(name)}
            given = {name: cell for name, cell in row.items() if cell}
            yield {**old, **given} if "parent_name" in row else given
    except csv.Error:
        raise InvalidError.of(path.name, "This is not CSV that we can read.") from None


def _mistakes(row: Any, n: int, keys: AbstractSet[str]) -> Iterator[FieldError]:
    if not isinstance(row, dict):
        yield FieldError(f"terms.{n}", "Give an object.")
        return
    if not (_text(row, "code") or _text(row, "id")):
        yield FieldError(f"terms.{n}.code", "Give a code or an id.")
    elif _key(row) in keys:
        yield FieldError(f"terms.{n}.id", "Another term has this identifier.")
    if not _text(row, "name"):
        yield FieldError(f"terms.{n}.name", "Give a name.")
    for name, longest in (("code", LONGEST_CODE), ("name", _LONGEST_NAME), ("id", _LONGEST_ID)):
        if len(_text(row, name)) > longest:
            yield FieldError(f"terms.{n}.{name}", f"Use at most {longest} letters.")


def _key(row: Mapping[str, Any]) -> str:
    return _text(row, "id") or _text(row, "code")


def _add(found: dict[str, TaxonomyTerms], row: Mapping[str, Any], usual_name: str) -> None:
    detail = row.get("taxonomy_detail")
    about = detail if isinstance(detail, dict) else {}
    name = _text(row, "taxonomy") or _text(about, "name") or usual_name
    taxonomy = found.setdefault(
        name[:_LONGEST_NAME],
        TaxonomyTerms(
            name[:_LONGEST_NAME],
            _text(about, "description"),
            _text(about, "uri") or None,
            _text(about, "version") or None,
        ),
    )
    key = _key(row)
    taxonomy.terms[key] = Term(
        key,
        _text(row, "code") or key[:LONGEST_CODE],
        _text(row, "name"),
        _text(row, "description"),
        _text(row, "parent_id"),
        _text(row, "term_uri") or None,
        _text(row, "language") or None,
    )


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)
    return value.replace("\x00", "").strip() if isinstance(value, str) else ""


def _tell_codes_apart(taxonomy: TaxonomyTerms) -> None:
    seen: set[str] = set()
    for term in taxonomy.terms.values():
        if term.code in seen:
            own = f"{term.code}/{term.name}"[:LONGEST_CODE]
            taxonomy.notes.append(f"code {term.code} comes again: kept as {own}")
            term.code = own if own not in seen else f"{term.key}"[:LONGEST_CODE]
        seen.add(term.code)


def _cut_circles(taxonomy: TaxonomyTerms) -> None:
    """Leave out parents that are not there, and the step that would close a circle."""
    safe: set[str] = set()
    for term in taxonomy.terms.values():
        chain: dict[str, None] = {}
        at = term
        while at.key not in safe:
            chain[at.key] = None
            if at.parent and (at.parent not in taxonomy.terms or at.parent in chain):
                taxonomy.notes.append(f"{at.code}: its parent is missing or below itself; left out")
                at.parent = ""
            if not at.parent:
                break
            at = taxonomy.terms[at.parent]
        safe |= chain.keys()
