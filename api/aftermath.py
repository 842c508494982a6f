"""What is still done when a booking is refused, and its transaction undone."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

from directory.database import Database
from directory.errors import BusyError, NotFoundError
from directory.viewer import Viewer
from scheduling.commands.allotments import note_refusal
from scheduling.commands.holds import release_hold
from scheduling.errors import AgreementEndedError, AllotmentUsedError


@contextmanager
def with_aftermath(database: Database, viewer: Viewer, *, now: datetime) -> Iterator[None]:
    """Note for the account that an allotment was used up; let go what cannot be confirmed.

    The refusal goes on to the caller. When the database is too busy for this, it is left undone.
    """
    try:
        yield
    except AllotmentUsedError as refused:
        with suppress(BusyError), database.transaction() as session:
            note_refusal(session, refused, now=now)
        raise
    except AgreementEndedError as refused:
        if refused.hold_id is not None:
            with suppress(BusyError, NotFoundError), database.transaction() as session:
                release_hold(session, refused.hold_id, viewer=viewer, now=now)
        raise
