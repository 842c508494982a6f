"""Our own small taxonomy of everyday needs, as rows, with the words that people use for them."""

from collections.abc import Sequence
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
    """Add the everyday needs and words that are missing; return the id of each by its code."""
    if session.get(Taxonomy, EVERYDAY_ID) is None:
        session.add(
            Taxonomy(
                id=EVERYDAY_ID,
                name=TAXONOMY_NAME,
                description="Thirty kinds of help, in words that people use.",
            )
        )
        session.flush()  # the terms refer to it
    known = set(
        session.exec(select(TaxonomyTerm.code).where(TaxonomyTerm.taxonomy_id == EVERYDAY_ID))
    )
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
    _ensure_words(session)
    return {need.code: need_id(need.code) for need in EVERYDAY_NEEDS}


def _ensure_words(session: Session) -> None:
    """Add the words that are missing; what an administrator added stays."""
    names = ("taxonomy_term_id", "language", "words")
    found = find_rows(session, sa.select(*(synonyms.c[name] for name in names)))
    known = {tuple(row[name] for name in names) for row in found}
    missing = [
        {"id": uuid5(term, f"{language} {words}"), **dict(zip(names, key, strict=True))}
        for code, by_language in NEED_WORDS.items()
        for term in [need_id(code)]
        for language, all_words in by_language.items()
        for words in all_words
        if (key := (term, language, words)) not in known
    ]
    if missing:
        session.connection().execute(sa.insert(TaxonomyTermSynonym), missing)


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
