"""Our own small taxonomy of everyday needs, as rows, with the words that people use for them."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlmodel import Session, select

from directory.database import find_rows
from directory.index import refresh_services
from directory.models.taxonomies import Taxonomy, TaxonomyTerm, TaxonomyTermSynonym
from directory.need_words import NEED_WORDS
from directory.needs import EVERYDAY_ID, EVERYDAY_NEEDS, TAXONOMY_NAME, need_id
from directory.queries.need_suggestions import ServiceSuggestion
from directory.term_closure import attributes, synonyms

#: How a need that was suggested and accepted is told from one that an agency said.
SUGGESTED_LINK = "need"
SUGGESTED_LABEL = "suggested"

_BATCH = 1_000


def ensure_needs(session: Session) -> dict[str, UUID]:
    """Add the everyday needs that are missing, with their words; return the id of each by its code.

    No service has a need that is new, so no search row says anything else afterwards.
    """
    if session.get(Taxonomy, EVERYDAY_ID) is None:
        session.add(
            Taxonomy(
                id=EVERYDAY_ID,
                name=TAXONOMY_NAME,
                description="Thirty kinds of help, in words that people use.",
            )
        )
        session.flush()  # the terms refer to it
    known = _known_needs(session)
    for need in EVERYDAY_NEEDS:
        if need.code not in known:
            session.add(
                TaxonomyTerm(
                    id=need_id(need.code),
                    code=need.code,
                    name=need.name,
                    description=need.description,
                    parent_id=need_id(need.parent) if need.parent else None,
                    taxonomy_id=EVERYDAY_ID,
                )
            )
            session.flush()  # a child refers to its parent
    ids = {need.code: need_id(need.code) for need in EVERYDAY_NEEDS}
    _add_words(session, ids.keys() - known)
    return ids


def ensure_words(session: Session) -> set[UUID]:
    """Add the words that needs have not got yet; return the needs that got some.

    What an administrator added stays. Whoever calls this refreshes the services that have them.
    """
    return _add_words(session, _known_needs(session))


def _known_needs(session: Session) -> set[str]:
    everyday = TaxonomyTerm.taxonomy_id == EVERYDAY_ID
    return set(session.exec(select(TaxonomyTerm.code).where(everyday)))


def _add_words(session: Session, codes: AbstractSet[str]) -> set[UUID]:
    """Add the words of some needs that are missing; return the needs that got some."""
    names = ("taxonomy_term_id", "language", "words")
    found = find_rows(session, sa.select(*(synonyms.c[name] for name in names)))
    known = {tuple(row[name] for name in names) for row in found}
    missing = [
        key
        for code in sorted(codes & NEED_WORDS.keys())
        for language, all_words in NEED_WORDS[code].items()
        for words in all_words
        if (key := (need_id(code), language, words)) not in known
    ]
    rows = [
        {"id": uuid5(key[0], f"{key[1]} {key[2]}"), **dict(zip(names, key, strict=True))}
        for key in missing
    ]
    if rows:
        session.connection().execute(sa.insert(TaxonomyTermSynonym), rows)
    return {term for term, _, _ in missing}


def accept_suggestions(
    session: Session, accepted: Sequence[ServiceSuggestion], *, now: datetime
) -> int:
    """Say suggested needs of services, marked as suggested; return of how many services.

    They belong to no source: an import neither changes nor removes them.
    """
    ensure_needs(session)
    wanted = {(each.service_id, need_id(each.suggestion.need)) for each in accepted}
    said = {
        "link_entity": "service",
        "link_type": SUGGESTED_LINK,
        "label": SUGGESTED_LABEL,
        "value": "",
        "version": 1,
    }
    rows = [
        {
            "id": uuid5(service_id, str(term)),
            "link_id": service_id,
            "taxonomy_term_id": term,
            **said,
        }
        for service_id, term in sorted(wanted)
    ]
    for start in range(0, len(rows), _BATCH):
        session.connection().execute(sa.insert(attributes), rows[start : start + _BATCH])
    services = {service_id for service_id, _ in wanted}
    refresh_services(session, services, now=now)
    return len(services)
