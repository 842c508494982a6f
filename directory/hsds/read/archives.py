"""Zip files, unpacked under names of our own and never further than the limits go.

What an archive says about itself is checked before anything is unpacked, and what comes out is
counted again: either may lie.
"""

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from stat import S_IFLNK, S_IFMT, S_IFREG
from struct import calcsize, unpack_from
from typing import IO, Final

from directory.hsds.errors import UnsafeArchiveError
from directory.hsds.read.csv_files import Named
from directory.hsds.read.rows import Limits
from directory.hsds.read.text import size_of

_CHUNK: Final = 1 << 16
#: A list of contents longer than this, in bytes, is of far more files than we read.
_LONGEST_LIST: Final = 1_000_000
#: Below this size, in bytes, a file may well be all spaces and commas.
_SMALL: Final = 1_000_000
_READ: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_IS_ENCRYPTED: Final = 0x1
#: Where an archive says how long its list of contents is: behind which sign, how far, and how.
_IN_32: Final = (b"PK\x05\x06", 12, "<L")
_IN_64: Final = (b"PK\x06\x06", 40, "<Q")
_SEE_64: Final = 0xFFFFFFFF
_LONGEST_END: Final = 22 + 65_535 + 20 + 56
_BROKEN: Final = (
    *(zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError),
    *(NotImplementedError, OverflowError),
)


def is_zip(path: Path) -> bool:
    """Say whether a file is meant to be a zip file, by its name."""
    return path.suffix.casefold() == ".zip"


def unpack(path: Path, into: Path, limits: Limits) -> list[Named]:
    """Unpack a zip file into a folder under numbers, and return what was in it.

    Raises ``UnsafeArchiveError`` for what is made to harm, or not a zip file at all.
    """
    if size_of(path, path.name) > limits.total_bytes:
        raise UnsafeArchiveError(path.name, f"is larger than {limits.total_bytes:,} bytes")
    try:
        return list(_unpacked(path, into, limits))
    except _BROKEN as error:
        raise UnsafeArchiveError(path.name, "is damaged, or not a zip file") from error


def _unpacked(path: Path, into: Path, limits: Limits) -> Iterator[Named]:
    _check_list(path)
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if not _is_passed_over(member)]
        _check(path.name, members, limits)
        left = limits.total_bytes
        for number, member in enumerate(members, start=1):
            target = into / f"{number}{PurePosixPath(member.filename).suffix.casefold()[:8]}"
            with archive.open(member) as source:
                left -= _copy(path.name, member, source, target, limits, left)
            yield Named(_shown(member), target)


def _is_passed_over(member: zipfile.ZipInfo) -> bool:
    """Pass over folders, and what systems put beside the files of people."""
    path = PurePosixPath(_shown(member))
    return member.is_dir() or path.name.startswith(".") or "__MACOSX" in path.parts


def _shown(member: zipfile.ZipInfo) -> str:
    """Return how a file is called in the report: its path in the archive without tricks."""
    parts = member.filename.replace("\\", "/").split("/")
    return "/".join(part for part in parts if part not in {"", ".", ".."})[-200:] or "unnamed"


def _check(name: str, members: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(members) > limits.files:
        raise UnsafeArchiveError(name, f"has more than {limits.files} files in it")
    if sum(member.file_size for member in members) > limits.total_bytes:
        raise UnsafeArchiveError(name, f"would be more than {limits.total_bytes:,} bytes unpacked")
    for member in members:
        problem = _problem(member, limits)
        if problem:
            raise UnsafeArchiveError(name, f"{_shown(member)} {problem}")


def _problem(member: zipfile.ZipInfo, limits: Limits) -> str | None:
    """Say what is wrong with a file in an archive before it is unpacked."""
    kind = S_IFMT(member.external_attr >> 16)
    faults = {
        "is a link to another file": kind == S_IFLNK,
        "is not a file": kind not in {0, S_IFREG, S_IFLNK},
        "is encrypted": bool(member.flag_bits & _IS_ENCRYPTED),
        "is packed in a way that we do not read: use plain zip": member.compress_type not in _READ,
        "is itself a zip file": member.filename.casefold().endswith(".zip"),
        f"would be more than {limits.ratio} times larger unpacked": _is_too_tight(
            member.file_size, member, limits
        ),
    }
    return next((fault for fault, is_so in faults.items() if is_so), None)


def _is_too_tight(size: int, member: zipfile.ZipInfo, limits: Limits) -> bool:
    return size > _SMALL and size > limits.ratio * max(member.compress_size, 1)


def _copy(
    archive: str,
    member: zipfile.ZipInfo,
    source: IO[bytes],
    target: Path,
    limits: Limits,
    left: int,
) -> int:
    """Copy a file out of an archive, believing only what is counted; return its bytes."""
    count = 0
    with target.open("xb") as stream:
        while chunk := source.read(_CHUNK):
            if not count and chunk.startswith(b"PK\x03\x04"):
                raise UnsafeArchiveError(archive, f"{_shown(member)} is itself a zip file")
            count += len(chunk)
            if count > left:
                limit = limits.total_bytes
                raise UnsafeArchiveError(archive, f"is more than {limit:,} bytes unpacked")
            if _is_too_tight(count, member, limits):
                reason = f"{_shown(member)} is more than {limits.ratio} times larger unpacked"
                raise UnsafeArchiveError(archive, reason)
            stream.write(chunk)
    return count


def _check_list(path: Path) -> None:
    """Refuse an archive whose list of contents alone would fill the memory."""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - _LONGEST_END))
        end = stream.read()
    if max(_length_of_list(end, *_IN_32), _length_of_list(end, *_IN_64)) > _LONGEST_LIST:
        raise UnsafeArchiveError(path.name, "has far more files in it than a directory has")


def _length_of_list(end: bytes, sign: bytes, offset: int, kind: str) -> int:
    """Return how long an archive says that its list of contents is, in bytes."""
    at = end.rfind(sign)
    if at < 0 or len(end) < at + offset + calcsize(kind):
        return 0
    length = int(unpack_from(kind, end, at + offset)[0])
    return 0 if length == _SEE_64 else length
