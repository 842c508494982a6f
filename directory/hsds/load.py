"""Importing a directory: all of it in the caller's transaction, or nothing."""

from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlmodel import Session

from directory.commands.needs import ensure_words
from directory.commands.records.hiding import silence_what_was_said
from directory.commands.taxonomies import add_mappings, find_services_with
from directory.hsds.account import ask_for_reviews, record_run
from directory.hsds.adopt import adopt_existing
from directory.hsds.affected import Touched
from directory.hsds.brake import large_changes
from directory.hsds.changes import Changes, forget_places
from directory.hsds.compare import Differences, compare
from directory.hsds.edited import keep_edits
from directory.hsds.errors import BadSourceNameError, LargeChangeError
from directory.hsds.guard import hold_back
from directory.hsds.merged import follow_merges
from directory.hsds.places import FindZip, Places
from directory.hsds.progress import Progress, say_nothing
from directory.hsds.read import Kept, Limits, open_source
from directory.hsds.records import Translation
from directory.hsds.removals import let_go
from directory.hsds.report import ImportReport
from directory.hsds.translate import translate
from directory.hsds.write import Writer, date_services
from directory.index import BATCH, refresh_services

_LONGEST_SOURCE: Final = 80


def import_directory(
    session: Session,
    path: Path | str,
    *,
    source: str,
    now: datetime,
    find_zip: FindZip,
    limits: Limits | None = None,
    keep_ids: bool = False,
    accept_large_change: bool = False,
) -> ImportReport:
    """Bring a directory of HSDS or Ohana in any form into ours and say what became of it.

    ``source`` names the directory for ever: the same name finds its records again, and the
    same data a second time changes nothing. Everything is read and checked before the first
    write. ``keep_ids`` is for an export of our own: it is taken as it stands, identifiers and
    all, which must be UUIDs that nobody else's records have. Raises ``ImportRefusedError`` when
    nothing can be taken.
    """
    translation = read_directory(
        path, source=source, now=now, find_zip=find_zip, limits=limits, keep_ids=keep_ids
    )
    with closing(translation):
        return load_directory(
            session, translation, now=now, accept_large_change=accept_large_change
        )


def read_directory(
    path: Path | str,
    *,
    source: str,
    now: datetime,
    find_zip: FindZip,
    limits: Limits | None = None,
    keep_ids: bool = False,
    progress: Progress = say_nothing,
    kept: Kept | None = None,
) -> Translation:
    """Read and translate a directory in any form; needs no database and no transaction.

    ``path`` may be the URL of an HSDS API, whose pages are ``kept`` until they are all there.
    The translation has a temporary file; close it.
    """
    if not 1 <= len(source.strip()) <= _LONGEST_SOURCE:
        raise BadSourceNameError

    def tell(doing: str) -> None:
        progress(doing, 0, None)

    limits = (limits or Limits())._replace(as_it_stands=keep_ids)
    with open_source(path, limits, kept=kept, tell=tell) as folder:
        report = ImportReport(source.strip(), notes=folder.notes)
        translation = Translation(folder, report.source, report, now, keep_ids, progress)
        try:
            translate(translation, Places(find_zip), now.date())
        except BaseException:
            translation.close()
            raise
        folder.note_unread()
    return translation


def load_directory(
    session: Session,
    translation: Translation,
    *,
    now: datetime,
    accept_large_change: bool = False,
) -> ImportReport:
    """Write a translated directory in the caller's transaction. A translation is used up by it.

    Raises ``LargeChangeError``, unless that is accepted, and ``IdsTakenError``; nothing was
    written then.
    """
    held = hold_back(translation, session)
    follow_merges(session, translation)
    adopt_existing(session, translation)
    keep_edits(session, translation, held)
    differences = compare(session, translation)
    if not accept_large_change:
        _brake(translation, differences)
    changes, touched = Changes(session, translation, held, now), Touched()
    Writer(session, translation, differences, changes, touched, now).write()
    let_go(session, differences, changes, touched)
    forget_places(session, held)
    for place in held.closed_now & held.streets.keys():
        silence_what_was_said(session, UUID(bytes=place), held.streets[place])
    ask_for_reviews(session, held, now=now)
    _refresh(session, translation, touched, now)
    record_run(session, translation.report, started_at=translation.started_at, now=now)
    return translation.report


def _brake(translation: Translation, differences: Differences) -> None:
    gone = {table: len(identifiers) for table, identifiers in differences.gone.items()}
    large = large_changes(differences.stored, differences.changed, gone)
    if large:
        raise LargeChangeError(large, translation.report)


def _refresh(session: Session, translation: Translation, touched: Touched, now: datetime) -> None:
    """Date the services that anything was done to, and make their search rows anew.

    So are the rows of services whose terms mean more than they did: nothing was done to these.
    """
    services = touched.services(session)
    date_services(session, translation, services, now=now)
    services |= find_services_with(session, add_mappings(session) | ensure_words(session))
    ordered: list[UUID] = sorted(services)
    for at in range(0, len(ordered), BATCH):
        batch = ordered[at : at + BATCH]
        translation.report.services_refreshed += refresh_services(session, batch, now=now)
        translation.progress("search", at + len(batch), len(ordered))
