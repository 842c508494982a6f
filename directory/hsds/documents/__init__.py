"""The directory as the JSON objects of HSDS: what the API answers with and the export writes."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from directory.hsds.documents.build import Builder, Document
from directory.hsds.documents.form import Form
from directory.hsds.documents.gather import gather

__all__ = ["Document", "Form", "find_documents"]


def find_documents(
    session: Session,
    table: str,
    ids: Sequence[UUID],
    form: Form = Form.FULL,
    *,
    now: datetime | None = None,
    source: str | None = None,
) -> list[Document]:
    """Return records as JSON objects that validate against the standard's schemas.

    ``table`` is service, organization, service_at_location, location, taxonomy or taxonomy_term.
    The order is that of ``ids``; what is not there, or was merged into another record, is passed
    over. Ask for some hundred records at a time: all that belongs to them is in memory at once.

    Reports of openings that are over at ``now`` are left out; without ``now`` all are told. Of a
    ``source`` is told what it says and needs. The documents share the objects inside them, so
    change none.
    """
    gathered = gather(session, table, ids, form, now, source)
    builder = Builder(gathered, form)
    rows = gathered.rows[table]
    found = (builder.document(table, rows[id_]) for id_ in ids if id_ in rows)
    return [document for document in found if document is not None]
