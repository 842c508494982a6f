"""Asking another server, patiently and with limits: time, size, retries, and no other host."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import httpx

from directory.hsds.errors import BadUrlError, SourceFailedError, TooLargeError

_CHUNK: Final = 1 << 16
_TIMEOUT: Final = httpx.Timeout(30, connect=10)
#: How long one answer may take in all, in seconds, however steadily it drips.
_LONGEST_ANSWER: Final = 300
_ATTEMPTS: Final = 4
#: Between attempts, in seconds, at most, whatever the server asks for.
_LONGEST_PAUSE: Final = 60
_MOST_REDIRECTS: Final = 5
_TOO_MANY: Final = 429
_FAILED: Final = 500
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_OK: Final = 200
#: Nothing that unpacks to more than it seems, again and again.
_HEADERS: Final = {"Accept": "application/json", "Accept-Encoding": "gzip"}
_ENCODINGS: Final = frozenset({"", "identity", "gzip"})

Pause = Callable[[float], None]


def is_url(text: str) -> bool:
    """Say whether an import is of a URL rather than of a path."""
    return "://" in text[:40]


def check_url(url: str) -> str:
    """Return a URL that we may ask, without its fragment.

    Raises ``BadUrlError`` for other schemes, for a name and password in it, or for no host.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
        httpx.URL(url)
    except (ValueError, httpx.InvalidURL) as error:
        raise BadUrlError("The address is not a URL that can be asked.") from error
    if parts.scheme not in {"http", "https"}:
        raise BadUrlError("Only http:// and https:// can be asked.")
    if "@" in parts.netloc:
        raise BadUrlError(
            "The address has a name or password in it, which would end up in logs. Leave it out."
        )
    if not host:
        raise BadUrlError("The address names no host.")
    return urlunsplit(parts._replace(fragment=""))


class Asker:
    """Asks one server. ``pause`` waits, in seconds; ``room`` is how many bytes may still come."""

    def __init__(self, url: str, room: int, pause: Pause) -> None:
        self._parts = urlsplit(check_url(url))
        self._pause = pause
        self._limit = self._room = room
        self._wait = 0.0
        self._client = httpx.Client(timeout=_TIMEOUT, follow_redirects=False, headers=_HEADERS)

    def close(self) -> None:
        """End the connections."""
        self._client.close()

    def take_room(self, count: int) -> None:
        """Count bytes that came, or came earlier. Raises ``TooLargeError`` where it is enough."""
        self._room -= count
        if self._room < 0:
            raise TooLargeError(f"The API has more than {self._limit:,} bytes for us.")

    def get(self, path: str, query: Mapping[str, str], into: Path) -> int:
        """Put an answer into a file; return its status, of which only 200 leaves a file.

        Raises ``SourceFailedError`` when there is none, four times.
        """
        failure = ""
        for attempt in range(_ATTEMPTS):
            if attempt:
                self._pause(self._wait)
            self._wait = float(2**attempt)
            try:
                status = self._get(self._url(path, query), into)
            except (httpx.HTTPError, httpx.StreamError) as error:
                failure = f"it did not answer ({type(error).__name__})"
                continue
            if status < _FAILED and status != _TOO_MANY:
                return status
            failure = f"it answered {status}"
        raise SourceFailedError(
            f"{self.shown}{path}: {failure}, {_ATTEMPTS} times. What came before is kept for a "
            "day: the same import again goes on from there."
        )

    @property
    def shown(self) -> str:
        """The address as it may be printed: without what may be a key in its query."""
        return f"{self._parts.scheme}://{self._parts.netloc}{self._parts.path.rstrip('/')}"

    def _url(self, path: str, query: Mapping[str, str]) -> httpx.URL:
        url = httpx.URL(urlunsplit(self._parts))
        return url.copy_with(path=self._parts.path.rstrip("/") + path).copy_merge_params(query)

    def _get(self, url: httpx.URL, into: Path) -> int:
        for _ in range(_MOST_REDIRECTS + 1):
            with self._client.stream("GET", url) as response:
                if response.status_code in _REDIRECTS:
                    url = self._redirected(response, url)
                    continue
                self._wait = max(self._wait, _asked_to_wait(response))
                if response.status_code == _OK:
                    self._save(response, into)
                return response.status_code
        raise SourceFailedError(f"{self.shown}: redirects without end.")

    def _redirected(self, response: httpx.Response, url: httpx.URL) -> httpx.URL:
        try:
            target = url.join(response.headers.get("location", ""))
        except httpx.InvalidURL as error:
            raise SourceFailedError(f"{self.shown}: redirects to no URL.") from error
        same = target.host == url.host and not target.userinfo
        if not same or target.scheme not in {"https", url.scheme}:
            raise SourceFailedError(
                f"{self.shown}: redirects to another host. Import from there if that is right."
            )
        return target

    def _save(self, response: httpx.Response, into: Path) -> None:
        if response.headers.get("content-encoding", "").strip().casefold() not in _ENCODINGS:
            raise SourceFailedError(f"{self.shown}: answers in an encoding we did not ask for.")
        begun = time.perf_counter()
        with into.open("wb") as stream:
            for chunk in response.iter_bytes(_CHUNK):
                self.take_room(len(chunk))
                stream.write(chunk)
                if time.perf_counter() - begun > _LONGEST_ANSWER:
                    raise httpx.ReadTimeout("an answer without end")


def _asked_to_wait(response: httpx.Response) -> float:
    """Return the seconds that a server asks us to wait, as a number or a time; at most a minute."""
    asked = response.headers.get("retry-after", "").strip()
    if asked.isascii() and asked.isdigit():
        return float(min(int(asked[:6]), _LONGEST_PAUSE))
    try:
        then = parsedate_to_datetime(asked).astimezone(UTC)
        sent = parsedate_to_datetime(response.headers["date"]).astimezone(UTC)
    except (ValueError, TypeError, KeyError, IndexError, OverflowError):
        return 0.0
    return min(max((then - sent).total_seconds(), 0.0), float(_LONGEST_PAUSE))


@contextmanager
def asking(url: str, room: int, pause: Pause) -> Iterator[Asker]:
    """Open connections to a server and end them."""
    asker = Asker(url, room, pause)
    try:
        yield asker
    finally:
        asker.close()
