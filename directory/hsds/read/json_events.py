"""The bytes of a JSON file on their way to the parser: bounded, mended, and with their place.

The parser (ijson) reads piece by piece, so that the size of a file does not matter; what would
fill the memory all the same, one endless string or nesting without end, is stopped here.
"""

import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import ijson

from directory.hsds.errors import TooLargeError, UnreadableError
from directory.hsds.read.rows import Limits, Note
from directory.hsds.read.text import encoding_of, size_of

_CHUNK: Final = 1 << 16
#: So many bytes without anything complete in them are an endless string or number.
_LONGEST_TOKEN: Final = 1_000_000
#: A pair of escapes is 12 bytes: as many may have to wait for the next chunk.
_PAIR: Final = 12
_HIGH: Final = rb"\\u[dD][89abAB][0-9a-fA-F]{2}"
_LOW: Final = rb"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_IS_HIGH: Final = re.compile(_HIGH)
_LENGTH: Final = 6
#: Pairs match first and stay; what is left over is half a character.
_PAIRS_AND_HALVES: Final = re.compile(rb"(?P<whole>\\\\|%b%b)|%b|%b" % (_HIGH, _LOW, _HIGH, _LOW))
_REPLACEMENT: Final = rb"\ufffd"
_SPACE: Final = b" \t\r\n"
#: Events that go deeper, and those that come back.
_STEPS: Final = {"start_map": 1, "start_array": 1, "end_map": -1, "end_array": -1}

Event = tuple[str, Any]


class JsonFile(NamedTuple):
    """A JSON file. ``name`` is how it is shown, ``table`` what it holds, if known."""

    name: str
    path: Path
    table: str | None = None


class _Bytes:
    """What the parser reads from: UTF-8, counted, and never too much of one thing.

    ``bracketed`` puts [ and ] around the whole. From ``slow_from`` on single bytes are given, so
    that one knows where the parser stopped. ``given`` counts the bytes given so far, ``lines``
    the line they end on; ``mark`` is where the parser last understood something.
    """

    def __init__(self, stream: BinaryIO, encoding: str, *, bracketed: bool, slow_from: int) -> None:
        self._stream = stream
        self._decoder = getincrementaldecoder(encoding)("replace")
        self._bracketed = bracketed
        self._slow_from = slow_from
        self._ready = b"[" if bracketed else b""
        self._held = b""
        self._ended = False
        self.given = self.mark = 0
        self.lines = 1
        self.last = b""
        self.mended = self.endless = False

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes; none at the end, and none behind something endless."""
        if size == 0:
            return b""
        if self.given - self.mark > _LONGEST_TOKEN:
            self.endless = True
            return b""
        while not self._ready and not self._ended:
            self._ready = self._next()
        length = 1 if self.given >= self._slow_from else _CHUNK
        chunk, self._ready = self._ready[:length], self._ready[length:]
        self.given += len(chunk)
        self.lines += chunk.count(b"\n")
        self.last = chunk or self.last
        return chunk

    def ahead(self) -> bytes:
        """Return some of what comes next, for a message."""
        return self.last[-1:] + self._ready[:16]

    def _next(self) -> bytes:
        raw = self._stream.read(_CHUNK)
        self._ended = not raw
        text = self._decoder.decode(raw, final=self._ended)
        chunk = self._paired(self._held + text.encode("utf-8", "replace"))
        return self._without_last_comma(chunk) if self._bracketed else chunk

    def _paired(self, chunk: bytes) -> bytes:
        """Replace halves of characters, which some exports cut; hold back what may be one."""
        self._held = b""
        if b"\\" not in chunk:
            return chunk
        if not self._ended:
            cut = _safe_cut(chunk)
            chunk, self._held = chunk[:cut], chunk[cut:]
        return _PAIRS_AND_HALVES.sub(self._mend, chunk) if b"\\u" in chunk else chunk

    def _mend(self, found: re.Match[bytes]) -> bytes:
        if found["whole"]:
            return found[0]
        self.mended = True
        return _REPLACEMENT

    def _without_last_comma(self, chunk: bytes) -> bytes:
        """Hold back commas and spaces at the end, until something comes after them."""
        if self._ended:
            return chunk.rstrip(_SPACE + b",") + b"]"
        kept = chunk.rstrip(_SPACE + b",")
        self._held = chunk[len(kept) :] + self._held
        return kept


def _safe_cut(chunk: bytes) -> int:
    """Return where to cut so that neither a pair of escapes nor an escape falls apart."""
    cut = chunk.find(b"\\", max(0, len(chunk) - _PAIR))
    if cut < 0:
        return len(chunk)
    if _IS_HIGH.fullmatch(chunk, max(0, cut - _LENGTH), cut):
        cut -= _LENGTH
    return len(chunk[:cut].rstrip(b"\\"))


class JsonEvents:
    """The events of a JSON file, one value after another. Iterate once.

    ``depth`` is how deep the last event was: 0 behind a whole value.
    """

    def __init__(self, file: JsonFile, limits: Limits, note: Note) -> None:
        self._file = file
        self._limits = limits
        self._note = note
        self._size = size_of(file.path, file.name)
        if self._size > limits.total_bytes:
            raise TooLargeError(f"{file.name} is larger than {limits.total_bytes:,} bytes.")
        encoding = encoding_of(file.path, file.name)
        if encoding.note:
            note(file.name, encoding.note)
        self._encoding = encoding.name
        self.depth = 0

    def __call__(self, *, bracketed: bool = False) -> Iterator[Event]:
        """Yield (event, value) pairs as ijson does, ending each value of several.

        Raises ``UnreadableError`` with the line where it stops being JSON, and ``TooLargeError``
        where it is too deep or has no end.
        """
        with self._file.path.open("rb") as stream:
            given = self._bytes(stream, bracketed=bracketed, slow_from=self._size * 8 + _PAIR)
            try:
                yield from self._events(given)
            except (ijson.JSONError, ValueError) as error:
                if given.endless:
                    raise self._endless(given) from error
                raise self._broken(given, error, bracketed=bracketed) from error
            if given.mended:
                self._note(self._file.name, "halves of characters: replaced by a question mark")

    def _bytes(self, stream: BinaryIO, *, bracketed: bool, slow_from: int) -> _Bytes:
        return _Bytes(stream, self._encoding, bracketed=bracketed, slow_from=slow_from)

    def _events(self, given: _Bytes) -> Iterator[Event]:
        self.depth = 0
        for event, value in _parse(given):
            given.mark = given.given
            if event in _STEPS:
                self.depth += _STEPS[event]
                if self.depth > self._limits.nesting:
                    raise TooLargeError(
                        f"{self._file.name}: nested more than {self._limits.nesting} deep."
                    )
            yield event, value

    def _endless(self, given: _Bytes) -> TooLargeError:
        return TooLargeError(
            f"{self._file.name}, near line {given.lines}: a value of more than "
            f"{_LONGEST_TOKEN:,} bytes."
        )

    def _broken(self, given: _Bytes, error: Exception, *, bracketed: bool) -> UnreadableError:
        """Read up to the same error once more, slowly, to say where it is."""
        start = max(0, given.given - 2 * _CHUNK)
        with self._file.path.open("rb") as stream:
            slow = self._bytes(stream, bracketed=bracketed, slow_from=start)
            try:
                for _ in _parse(slow):
                    slow.mark = slow.given
            except (ijson.JSONError, ValueError):
                pass
            reason = _reason(slow.ahead(), error)
            return UnreadableError(
                self._file.name, slow.lines, f"byte {slow.given}: not JSON ({reason})"
            )


def _parse(given: _Bytes) -> Iterator[Event]:
    """Parse one value after another.

    With Python's own numbers, which ijson makes otherwise, one of thousands of digits raises in
    the middle of its C code, and that has crashed the process.
    """
    return iter(ijson.basic_parse(given, multiple_values=True, use_float=True))


def _reason(ahead: bytes, error: Exception) -> str:
    """Say in words what the parser says in its own way."""
    said = str(error)
    if "overflow" in said or re.match(r"Unexpected symbol '-?\d", said):
        return "a number with too many digits; put it in quotes if it is an identifier"
    if re.search(r"premature EOF|[Ii]ncomplete", said):
        return "it ends before it is complete"
    if re.match(rb"-?(NaN|Inf)", ahead) or re.match(r"Unexpected symbol '-?[NI]", said):
        return "NaN and Infinity are no numbers in JSON"
    shown = ahead[:1].decode("ascii", "replace")
    return f"{shown!r} is not expected here"
