"""What handlers may ask for by name."""

from datetime import datetime
from typing import Any

from litestar import Request
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide

from api.finding import Finder
from api.quick_search import finder_of
from api.sealing import Sealer
from api.settings import Settings
from directory.database import Database
from directory.viewer import Viewer

#: Handlers annotate these parameters; Litestar fills them in by name.
InjectedDatabase = NamedDependency[Database]
InjectedSettings = NamedDependency[Settings]
InjectedViewer = NamedDependency[Viewer]
InjectedSealer = NamedDependency[Sealer]
InjectedNoteSealer = NamedDependency[Sealer]
InjectedFinder = NamedDependency[Finder]
Now = NamedDependency[datetime]


def provide_database(state: State) -> Database:
    """Return the process's one database."""
    database: Database = state.database
    return database


def provide_settings(state: State) -> Settings:
    """Return how this installation runs."""
    settings: Settings = state.settings
    return settings


def provide_sealer(state: State) -> Sealer:
    """Return what seals the replies that are kept."""
    sealer: Sealer = state.sealer
    return sealer


def provide_note_sealer(state: State) -> Sealer:
    """Return what seals the notes that staff write."""
    sealer: Sealer = state.note_sealer
    return sealer


def provide_now(state: State) -> datetime:
    """Read the clock, once for each request."""
    now: datetime = state.clock()
    return now


def provide_viewer(request: Request[Viewer, Any, Any]) -> Viewer:
    """Return who is asking, as ``api.authentication`` found out."""
    return request.user


DEPENDENCIES = {
    "database": Provide(provide_database, sync_to_thread=False),
    "settings": Provide(provide_settings, sync_to_thread=False),
    "sealer": Provide(provide_sealer, sync_to_thread=False),
    "note_sealer": Provide(provide_note_sealer, sync_to_thread=False),
    "finder": Provide(finder_of, sync_to_thread=False),
    "now": Provide(provide_now, sync_to_thread=False),
    "viewer": Provide(provide_viewer, sync_to_thread=False),
}
