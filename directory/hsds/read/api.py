"""An HSDS API, page after page onto the disk, and on from there when it was interrupted."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlsplit

from directory.hsds.errors import SourceFailedError, TooLargeError, UnreadableError
from directory.hsds.read.http import Asker, Pause, asking, check_url, is_url
from directory.hsds.read.json_events import JsonFile
from directory.hsds.read.json_records import JsonRecords
from directory.hsds.read.rows import Limits, Note
from directory.hsds.standard import HSDS_TABLES

__all__ = ["Kept", "fetch", "is_url", "kept_pages", "name_of"]

_PER_PAGE: Final = 100
#: Lists of an API beside its services, which alone are required, and what they list.
_OPTIONAL: Final = {
    "organizations": "organization",
    "service_at_locations": "service_at_location",
    "taxonomies": "taxonomy",
    "taxonomy_terms": "taxonomy_term",
}
#: Answers that mean "we do not have that", and "not for you".
_ABSENT: Final = frozenset({400, 404, 405, 410, 501})
_CLOSED: Final = frozenset({401, 402, 403})
_OK: Final = 200
#: What a service has only where it is given in full; short lists have the other nested objects.
_IN_FULL: Final = frozenset(each.name for each in HSDS_TABLES["service"].nested if each.many)
#: Pages older than this are of a directory that is no more.
_KEPT_FOR: Final = timedelta(days=1)
_LONGEST_ID: Final = 200
_STATE: Final = "state.json"


class Kept(NamedTuple):
    """The folder where pages are kept while a fetch is under way, and what time it is."""

    folder: Path
    now: datetime


class _Page(NamedTuple):
    """What a page says around its records, and the last, the ids and the properties of those."""

    last: dict[str, Any]
    envelope: dict[str, Any] | None
    ids: list[str]
    properties: frozenset[str]

    @property
    def total(self) -> int | None:
        """How many there are in all, if the page says."""
        return _whole(self.envelope or {}, "total_items", "totalElements")

    def is_last(self, number: int) -> bool:
        """Say whether nothing comes after this page, the ``number``-th."""
        if self.envelope is None or not self.ids or self.envelope.get("empty") is True:
            return True
        last = self.envelope.get("last_page", self.envelope.get("last"))
        pages = _whole(self.envelope, "total_pages", "totalPages")
        return number >= pages if pages is not None else last is True


def name_of(url: str) -> str:
    """Return the name that a directory has if it is given none: its host's."""
    return urlsplit(check_url(url)).hostname or ""


@contextmanager
def kept_pages(url: str, kept: Kept | None, temporary: Path) -> Iterator[Path]:
    """Give the folder for the pages of a URL, with those of a fetch that was interrupted.

    It is gone when all went well, and stays when not.
    """
    if kept is None:
        folder = temporary / "pages"
        folder.mkdir()
        yield folder
        return
    folder = kept.folder / sha256(check_url(url).encode()).hexdigest()[:24]
    _make_or_renew(folder, kept.now)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _make_or_renew(folder: Path, now: datetime) -> None:
    begun = _begun(folder)
    if begun is not None and timedelta(0) <= now - begun < _KEPT_FOR:
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    (folder / _STATE).write_text(json.dumps({"begun": now.isoformat()}), encoding="utf-8")


def _begun(folder: Path) -> datetime | None:
    """Return when the fetch began whose pages are in a folder, if any are."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        begun = datetime.fromisoformat(json.loads((folder / _STATE).read_text("utf-8"))["begun"])
        return begun if begun.tzinfo else None
    return None


def fetch(
    url: str,
    folder: Path,
    limits: Limits,
    note: Note,
    tell: Callable[[str], None],
    pause: Pause,
) -> list[JsonFile]:
    """Fetch all lists of an API into a folder, but for the pages that are there already.

    Raises ``BadUrlError``, ``SourceFailedError`` or ``TooLargeError``; what came stays.
    """
    with asking(url, limits.total_bytes, pause) as asker:
        fetching = _Fetch(asker, folder, limits, note, tell)
        fetching.say_what_is_kept()
        fetching.introduce()
        files = fetching.services()
        for name, table in _OPTIONAL.items():
            files += fetching.pages(name, table) or []
        return files


class _Fetch:
    """One walk through an API."""

    def __init__(
        self,
        asker: Asker,
        folder: Path,
        limits: Limits,
        note: Note,
        tell: Callable[[str], None],
    ) -> None:
        self._asker = asker
        self._folder = folder
        self._limits = limits
        self._note = note
        self._tell = tell
        self._pages = 0

    def say_what_is_kept(self) -> None:
        """Say how much of an earlier fetch is used, and count it."""
        kept = [path for path in self._folder.glob("*.json") if path.name != _STATE]
        for path in kept:
            self._asker.take_room(path.stat().st_size)
        begun = _begun(self._folder)
        if kept and begun is not None:
            said = f"goes on from a fetch begun at {begun:%Y-%m-%d %H:%M} UTC: {len(kept)} answers"
            self._note("API", f"{said} were kept")

    def introduce(self) -> None:
        """Ask what the API says of itself, for the report."""
        path = self._folder / "about.json"
        if not path.exists() and self._get("/", {}, path) != _OK:
            self._note("API", "says nothing about itself")
            return
        about = self._read(path, "the API's description").last
        for name in ("version", "profile"):
            if isinstance(about.get(name), str):
                self._note("API", f"{name} {about[name][:200].partition('?')[0]}")

    def services(self) -> list[JsonFile]:
        """Return the services in full: from the list, or one by one where that has less."""
        files = self.pages("services", "service")
        if files is None:
            raise SourceFailedError(
                f"{self._asker.shown}/services: is not there, or not for everybody. Is this the "
                "address of an HSDS API?"
            )
        first = self._read(files[0].path, files[0].name)
        if not first.ids or first.properties & _IN_FULL:
            return files
        one = self._single(first.ids[0])
        if one is None or not self._read(one.path, one.name).properties & _IN_FULL:
            return files
        self._note("services", "the list does not have them in full: asked for one by one")
        pages = [self._read(file.path, file.name) for file in files]
        ids = dict.fromkeys(each for page in pages for each in page.ids)
        self._tell(f"services: {len(ids)} one by one")
        found = [self._single(each) for each in ids]
        return [file for file in found if file is not None]

    def _single(self, identifier: str) -> JsonFile | None:
        """Return one service, None where it went away in the meantime."""
        name = f"service-{sha256(identifier.encode()).hexdigest()[:32]}.json"
        path = self._folder / name
        file = JsonFile("services one by one", path, "service")
        if not path.exists():
            status = self._get(f"/services/{quote(identifier, safe='')}", {}, path)
            if status != _OK:
                self._note("services", f"listed, but not there when asked for (answer {status})")
                return None
        return file

    def pages(self, name: str, table: str) -> list[JsonFile] | None:
        """Return the pages of a list; None where the API does not have it."""
        files: list[JsonFile] = []
        total: int | None = None
        before: list[str] = []
        while True:
            number = len(files) + 1
            file = JsonFile(f"{name}, page {number}", self._folder / f"{name}-{number}.json", table)
            if not self._page(name, number, file):
                return files or None
            page = self._read(file.path, file.name)
            if page.ids and page.ids == before:
                self._note(name, "the same page came again and again: pages are not told apart")
                return files
            files.append(file)
            if total not in {None, page.total}:
                self._note(name, "changed while it was fetched: what moved may be missing")
            total, before = page.total, page.ids
            self._tell(f"{name}: page {number}")
            if page.is_last(number):
                return files

    def _page(self, name: str, number: int, file: JsonFile) -> bool:
        """Have a page on the disk; return False where there is none."""
        if file.path.exists():
            return True
        query = {"page": str(number), "per_page": str(_PER_PAGE), "full": "true"}
        status = self._get(f"/{name}", query, file.path)
        if status == _OK:
            return True
        if status in _CLOSED:
            self._note(name, f"not for everybody (answer {status}): not read")
        elif status in _ABSENT:
            self._note(name, "the API does not have it" if number == 1 else "ends early")
        else:
            raise SourceFailedError(f"{self._asker.shown}/{name}: answered {status}.")
        return False

    def _get(self, path: str, query: dict[str, str], into: Path) -> int:
        """Ask, and keep the answer only when it is whole and JSON."""
        self._pages += 1
        if self._pages > self._limits.pages:
            raise TooLargeError(f"The API has more than {self._limits.pages:,} pages for us.")
        part = into.with_suffix(f".part{os.getpid()}")
        try:
            status = self._asker.get(path, query, part)
            if status == _OK:
                self._read(part, path)
                part.replace(into)
        finally:
            part.unlink(missing_ok=True)
        return status

    def _read(self, path: Path, name: str) -> _Page:
        records = JsonRecords(JsonFile(name, path), self._limits, lambda _file, _note: None)
        ids: list[str] = []
        properties: set[str] = set()
        last: dict[str, Any] = {}
        try:
            for record in records:
                last = record.value
                properties.update(last)
                if str(last.get("id") or "") and len(str(last["id"])) <= _LONGEST_ID:
                    ids.append(str(last["id"]))
        except UnreadableError as error:
            raise SourceFailedError(f"{self._asker.shown}: {error}") from error
        return _Page(last, records.page, ids, frozenset(properties))


def _whole(envelope: dict[str, Any], *names: str) -> int | None:
    for name in names:
        value = envelope.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
    return None
