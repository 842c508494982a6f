"""Taking in other people's taxonomies, and saying which of their terms are our everyday needs."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.commands.needs import ensure_needs, ensure_words
from directory.database import Row, find_row, find_rows
from directory.errors import InvalidError
from directory.hsds.ids import record_id
from directory.index import refresh_services
from directory.models import TABLES
from directory.needs import EVERYDAY_ID, TAXONOMY_NAME, need_id
from directory.taxonomy_file import TaxonomyTerms, Term, parents_first
from directory.taxonomy_mappings import NeedsOf, mapping_for
from directory.term_closure import find_tagged_services, mappings, terms

taxonomies = TABLES["taxonomy"]

_BATCH = 500
_LONGEST_SOURCE = 80


class TermCounts(NamedTuple):
    """What became of the terms of a taxonomy, and how many newly mean a need."""

    name: str
    added: int
    changed: int
    unchanged: int
    mapped: int


@dataclass(frozen=True, slots=True)
class _Written:
    taxonomy_id: UUID
    added: int
    changed: int
    ids: frozenset[UUID]


def load_taxonomies(
    session: Session,
    read: Iterable[TaxonomyTerms],
    *,
    source: str,
    now: datetime,
    mapping: NeedsOf | None = None,
) -> list[TermCounts]:
    """Write taxonomies with their terms, map them, and refresh the services that have them.

    A taxonomy is known by its name and a term by its code, whichever way they came before. Terms
    that the file has no more stay: services may have them. ``mapping`` adds to our own.
    """
    if not 1 <= len(source) <= _LONGEST_SOURCE:
        raise InvalidError.of("source", f"Give a name of 1 to {_LONGEST_SOURCE} letters.")
    counts, touched = [], set[UUID]()
    for taxonomy in read:
        if taxonomy.name == TAXONOMY_NAME:
            raise InvalidError.of("taxonomy", f'"{TAXONOMY_NAME}" is our own list.')
        written = _write(session, taxonomy, source)
        mapped = _map(session, written.taxonomy_id, mapping or {})
        mapped |= _map(session, written.taxonomy_id, mapping_for(taxonomy.name, taxonomy.uri))
        same = len(taxonomy.terms) - written.added - written.changed
        counts.append(TermCounts(taxonomy.name, written.added, written.changed, same, len(mapped)))
        touched |= written.ids | mapped
    refresh_tagged(session, touched, now=now)
    return counts


class Updated(NamedTuple):
    """How many terms newly mean a need, and how many search rows were made anew."""

    mapped: int
    refreshed: int


def update_needs(session: Session, *, now: datetime) -> Updated:
    """Bring the needs, their words, and what other taxonomies' terms mean up to date."""
    ours = set(ensure_needs(session).values())
    ensure_words(session)
    mapped = add_mappings(session)
    return Updated(len(mapped), refresh_tagged(session, mapped | ours, now=now))


def add_mappings(session: Session) -> set[UUID]:
    """Say which terms of the taxonomies that are here mean our needs, by our own mapping files.

    Returns the terms that newly do. Whoever calls this refreshes the services that have them.
    """
    mapped: set[UUID] = set()
    for row in find_rows(session, sa.select(taxonomies)):
        mapped |= _map(session, row["id"], mapping_for(row["name"], row["uri"]))
    return mapped


def refresh_tagged(session: Session, term_ids: Collection[UUID], *, now: datetime) -> int:
    """Refresh the services that have one of these terms, or one that implies it."""
    return refresh_services(session, find_services_with(session, term_ids), now=now)


def find_services_with(session: Session, term_ids: Collection[UUID]) -> set[UUID]:
    """Return the services that have one of these terms, or one that implies it."""
    services: set[UUID] = set()
    ordered = sorted(term_ids)
    for start in range(0, len(ordered), _BATCH):
        services |= find_tagged_services(session, ordered[start : start + _BATCH])
    return services


def _map(session: Session, taxonomy_id: UUID, needs_of: NeedsOf) -> set[UUID]:
    if not needs_of or taxonomy_id == EVERYDAY_ID:
        return set()
    known = {
        (row["taxonomy_term_id"], row["need_id"])
        for row in find_rows(
            session,
            sa.select(mappings)
            .join(terms, terms.c.id == mappings.c.taxonomy_term_id)
            .where(terms.c.taxonomy_id == taxonomy_id),
        )
    }
    wanted = {
        (row["id"], need_id(need))
        for row in _terms_of(session, taxonomy_id)
        for need in needs_of.get(row["code"], ())
    }
    missing = sorted(wanted - known)
    if missing:
        ensure_needs(session)  # the mappings refer to them
        session.connection().execute(
            sa.insert(mappings),
            [{"taxonomy_term_id": term, "need_id": need} for term, need in missing],
        )
    return {term for term, _ in missing}


def _terms_of(session: Session, taxonomy_id: UUID) -> list[Row]:
    return list(find_rows(session, sa.select(terms).where(terms.c.taxonomy_id == taxonomy_id)))


def _write(session: Session, taxonomy: TaxonomyTerms, source: str) -> _Written:
    taxonomy_id = _taxonomy_id(session, taxonomy, source)
    before = {row["code"]: row for row in _terms_of(session, taxonomy_id)}
    ids = {
        key: before[term.code]["id"]
        if term.code in before
        else record_id(source, "taxonomy_term", key, within=taxonomy.name)
        for key, term in taxonomy.terms.items()
    }
    made = [_values(term, ids, taxonomy, taxonomy_id) for term in parents_first(taxonomy)]
    known = {row["id"]: row for row in before.values()}
    added = [each for each in made if each["id"] not in known]
    changed = [
        each
        for each in made
        if each["id"] in known
        and any(known[each["id"]][name] != value for name, value in each.items())
    ]
    if added:
        keys = {ids[key]: key for key in ids}
        rows = [
            {**each, "source": source, "source_id": keys[each["id"]], "version": 1}
            for each in added
        ]
        session.connection().execute(sa.insert(terms), rows)
    for each in changed:
        session.connection().execute(
            sa.update(terms)
            .where(terms.c.id == each["id"])
            .values(**each, version=terms.c.version + 1)
        )
    touched = frozenset(each["id"] for each in changed)
    return _Written(taxonomy_id, len(added), len(changed), touched)


def _taxonomy_id(session: Session, taxonomy: TaxonomyTerms, source: str) -> UUID:
    """Return the taxonomy of that name, making it where it is not there yet."""
    found = find_row(session, sa.select(taxonomies.c.id).where(taxonomies.c.name == taxonomy.name))
    if found is not None:
        known: UUID = found["id"]
        return known
    made = record_id(source, "taxonomy", taxonomy.name)
    session.connection().execute(
        sa.insert(taxonomies).values(
            id=made,
            name=taxonomy.name,
            description=taxonomy.description,
            uri=taxonomy.uri,
            version_label=taxonomy.version,
            source=source,
            version=1,
        )
    )
    return made


def _values(
    term: Term, ids: dict[str, UUID], taxonomy: TaxonomyTerms, taxonomy_id: UUID
) -> dict[str, Any]:
    return {
        "id": ids[term.key],
        "code": term.code,
        "name": term.name,
        "description": term.description,
        "parent_id": ids.get(term.parent),
        "taxonomy_id": taxonomy_id,
        "taxonomy": taxonomy.name,
        "language": term.language,
        "term_uri": term.term_uri,
    }
