"""Text out of files: in which encoding they are, and their lines, none of them endless."""

from codecs import (
    BOM_UTF8,
    BOM_UTF16_BE,
    BOM_UTF16_LE,
    BOM_UTF32_BE,
    BOM_UTF32_LE,
    IncrementalDecoder,
    getincrementaldecoder,
)
from collections.abc import Iterator
from pathlib import Path
from stat import S_ISREG
from typing import Final, NamedTuple, TextIO

from directory.hsds.errors import TooLargeError, UnreadableError

_CHUNK: Final = 1 << 16
#: What a file begins with, and what it is then. The longer marks first.
_MARKS: Final = (
    (BOM_UTF32_LE, "utf-32"),
    (BOM_UTF32_BE, "utf-32"),
    (BOM_UTF8, "utf-8-sig"),
    (BOM_UTF16_LE, "utf-16"),
    (BOM_UTF16_BE, "utf-16"),
)


class Encoding(NamedTuple):
    """How to decode a file, what to say about that, and how many line ends are in it."""

    name: str
    note: str | None
    lines: int


def size_of(path: Path, name: str) -> int:
    """Return the bytes of a regular file. Raises ``UnreadableError`` for anything else."""
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise UnreadableError(name, 0, f"cannot be opened ({_reason(error)})") from error
    if not S_ISREG(status.st_mode):
        raise UnreadableError(name, 0, "is not a file")
    return status.st_size


def encoding_of(path: Path, name: str) -> Encoding:
    """Say whether a file is UTF-8, as it should be, or else what spreadsheets write.

    Raises ``UnreadableError`` where the file cannot be read.
    """
    try:
        return _encoding(path)
    except OSError as error:
        raise UnreadableError(name, 0, f"cannot be read ({_reason(error)})") from error


def _encoding(path: Path) -> Encoding:
    decoder = getincrementaldecoder("utf-8")()
    ends = returns = 0
    is_utf8, head = True, b""
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            head = head or chunk[:4]
            ends += chunk.count(b"\n")
            returns += chunk.count(b"\r")
            is_utf8 = is_utf8 and _decodes(decoder, chunk)
    is_utf8 = is_utf8 and _decodes(decoder, b"")
    wide = _wide(head)
    name, note = ("utf-8-sig", None) if is_utf8 else ("cp1252", "not UTF-8: read as Windows-1252")
    if wide:
        name, note = wide, f"not UTF-8: read as {wide[:6].upper()}"
    return Encoding(name, note, max(ends, returns))


def _decodes(decoder: IncrementalDecoder, chunk: bytes) -> bool:
    try:
        decoder.decode(chunk, final=not chunk)
    except UnicodeDecodeError:
        return False
    return True


def _wide(head: bytes) -> str | None:
    """Return the encoding of a file whose letters take two bytes or four, by how it begins."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return None if encoding == "utf-8-sig" else encoding
    zeros = [byte == 0 for byte in head]
    if zeros == [False, True, False, True]:
        return "utf-16-le"
    return "utf-16-be" if zeros == [True, False, True, False] else None


def open_text(path: Path, encoding: str) -> TextIO:
    """Open a text file; what the encoding leaves free becomes a question mark."""
    return path.open(encoding=encoding, errors="replace", newline="")


def lines_of(stream: TextIO, name: str, longest: int) -> Iterator[str]:
    """Yield lines without the NUL characters that damaged exports have.

    Raises ``TooLargeError`` before a line of more than ``longest`` characters is in memory.
    """
    number = 0
    while line := _next_line(stream, name, number + 1, longest):
        number += 1
        if len(line) > longest:
            raise TooLargeError(f"{name}, line {number}: longer than {longest:,} characters.")
        yield line.replace("\0", "")


def _next_line(stream: TextIO, name: str, number: int, longest: int) -> str:
    try:
        return stream.readline(longest + 1)
    except OSError as error:
        raise UnreadableError(name, number, f"cannot be read ({_reason(error)})") from error


def _reason(error: Exception) -> str:
    """Return what the system says, without the path, which may name a person."""
    return str(getattr(error, "strerror", None) or "the system refuses")
