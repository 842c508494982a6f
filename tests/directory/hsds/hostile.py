"""Directories that are made to harm, or are simply broken, and what becomes of each.

``python -m tests.directory.hsds.hostile`` makes them all and prints how long each took.
"""

import json
import os
import stat
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

from directory.errors import DomainError
from directory.hsds.load import read_directory
from tests.directory.hsds.conftest import NOW, find_zip
from tests.directory.hsds.invented import csv_text, services, tables_3, write_tables

TOO_LARGE = "import-too-large"
UNREADABLE = "import-unreadable"
UNSAFE = "import-unsafe-archive"
PACKAGE = "import-bad-package"
NO_TABLES = "import-no-tables"


class Hostile(NamedTuple):
    """How to make it, the code it is refused with (None: only rows are), and what is said."""

    make: Callable[[Path], Path]
    code: str | None
    said: str = ""


def _file(name: str, content: bytes | Callable[[], bytes]) -> Callable[[Path], Path]:
    def make(place: Path) -> Path:
        path = place / name
        path.write_bytes(content if isinstance(content, bytes) else content())
        return path

    return make


def _csv(content: bytes | Callable[[], bytes]) -> Callable[[Path], Path]:
    """Make a folder with one table of services."""

    def make(place: Path) -> Path:
        _file("services.csv", content)(place)
        return place

    return make


def _zip(fill: Callable[[zipfile.ZipFile], None]) -> Callable[[Path], Path]:
    def make(place: Path) -> Path:
        with zipfile.ZipFile(place / "directory.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("services.csv", csv_text(tables_3()["services"]))
            fill(archive)
        return place / "directory.zip"

    return make


def _bomb(archive: zipfile.ZipFile) -> None:
    """Write 300 MB of nothing: below the limit for all files, but a thousand times its size."""
    with archive.open("phones.csv", "w", force_zip64=True) as stream:
        for _ in range(300):
            stream.write(bytes(1_000_000))


def _large(archive: zipfile.ZipFile) -> None:
    """Say that there is more than we unpack, without having it."""
    info = zipfile.ZipInfo("phones.csv")
    archive.writestr(info, b"id\n1\n")
    info.file_size = 2_000_000_000  # only the list of contents is written later


def _lying_bomb(place: Path) -> Path:
    """A file that says it is small, and is not."""
    path = _zip(lambda archive: archive.writestr("phones.csv", bytes(50_000_000)))(place)
    content = path.read_bytes().replace(
        (50_000_000).to_bytes(4, "little"), (900_000).to_bytes(4, "little")
    )
    path.write_bytes(content)
    return path


def _link(archive: zipfile.ZipFile) -> None:
    info = zipfile.ZipInfo("phones.csv")
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    archive.writestr(info, "/etc/passwd")


def _many(archive: zipfile.ZipFile) -> None:
    for number in range(60):
        archive.writestr(f"services/{number}.json", "{}")


def _very_many(archive: zipfile.ZipFile) -> None:
    for number in range(20_000):
        archive.writestr(f"services/{number:0200}.json", "")


def _nested(archive: zipfile.ZipFile) -> None:
    archive.writestr("more.zip", b"empty, but called so")


def _hidden_nested(archive: zipfile.ZipFile) -> None:
    archive.writestr("phones.csv", b"PK\x03\x04 and so on")


def _slip(archive: zipfile.ZipFile) -> None:
    archive.writestr("../../../slipped.csv", "id\n1\n")
    archive.writestr("/slipped.csv", "id\n1\n")
    archive.writestr("..\\..\\slipped.csv", "id\n1\n")


def _packed_oddly(archive: zipfile.ZipFile) -> None:
    archive.writestr("phones.csv", b"id\n1\n", zipfile.ZIP_LZMA)


def _encrypted(place: Path) -> Path:
    path = _zip(lambda _: None)(place)
    content = bytearray(path.read_bytes())
    content[6] |= 1  # of the file
    content[content.find(b"PK\x01\x02") + 8] |= 1  # and in the list of contents
    path.write_bytes(content)
    return path


def _damaged(place: Path) -> Path:
    path = _zip(lambda _: None)(place)
    content = bytearray(path.read_bytes())
    for at in range(45, 90):
        content[at] ^= 0xFF
    path.write_bytes(content)
    return path


def _package(path: object) -> Callable[[Path], Path]:
    def make(place: Path) -> Path:
        write_tables(place, tables_3())
        descriptor = {"resources": [{"name": "service", "path": path}]}
        (place / "datapackage.json").write_text(json.dumps(descriptor))
        return place

    return make


def _package_text(text: str) -> Callable[[Path], Path]:
    def make(place: Path) -> Path:
        write_tables(place, tables_3())
        (place / "datapackage.json").write_text(text)
        return place

    return make


def _folder_called_csv(place: Path) -> Path:
    (place / "services.csv").mkdir()
    return place


def _fifo(place: Path) -> Path:
    os.mkfifo(place / "services.csv")
    return place


def _fifo_itself(place: Path) -> Path:
    os.mkfifo(place / "services.json")
    return place / "services.json"


def _unreadable(place: Path) -> Path:
    """A regular file that gives an error to everybody, even to the superuser."""
    (place / "services.csv").symlink_to("/proc/self/mem")
    return place


def _loop(place: Path) -> Path:
    (place / "services.csv").symlink_to("services.csv")
    return place


def _circle(place: Path) -> Path:
    terms = [
        {"id": f"k{n}", "name": f"Term {n}", "parent_id": f"k{(n + 1) % 50}"} for n in range(50)
    ]
    return write_tables(place, tables_3() | {"taxonomy_terms": terms, "attributes": []})


def _twins(place: Path) -> Path:
    rows = [{"id": "s1", "name": f"Service {n}", "organization_id": "o1"} for n in range(3)]
    return write_tables(place, tables_3() | {"services": rows})


def _twin_records() -> bytes:
    return json.dumps([{"id": "s1", "name": f"Service {n}"} for n in range(3)]).encode()


def _one(**more: object) -> bytes:
    return json.dumps({**services()[0], **more}).encode()


def _raw(value: bytes) -> bytes:
    """A service that has something odd in it, as it stands."""
    return _one()[:-1] + b', "maximum_age": ' + value + b"}"


def _wide() -> bytes:
    return ",".join(f"column{n}" for n in range(1_000_000)).encode()


CORPUS: dict[str, Hostile] = {
    "zip bomb": Hostile(_zip(_bomb), UNSAFE, "would be more than 100 times"),
    "zip bomb that says it is small": Hostile(_lying_bomb, UNSAFE),
    "zip that says it is large": Hostile(
        _zip(_large), UNSAFE, "would be more than 1,000,000,000 bytes"
    ),
    "zip in a zip": Hostile(_zip(_nested), UNSAFE, "is itself a zip"),
    "zip in a zip under another name": Hostile(_zip(_hidden_nested), UNSAFE),
    "zip slip": Hostile(_zip(_slip), None),
    "zip with a link": Hostile(_zip(_link), UNSAFE),
    "encrypted zip": Hostile(_encrypted, UNSAFE, "is encrypted"),
    "damaged zip": Hostile(_damaged, UNSAFE),
    "zip packed in an odd way": Hostile(_zip(_packed_oddly), UNSAFE),
    "zip with 60 files": Hostile(_zip(_many), UNSAFE),
    "zip with 20,000 files": Hostile(_zip(_very_many), UNSAFE, "far more files"),
    "zip that is none": Hostile(_file("directory.zip", b"PK, or so they say"), UNSAFE),
    "empty zip file": Hostile(_file("directory.zip", b""), UNSAFE),
    "lists 200,000 deep": Hostile(_file("x.json", b"[" * 200_000 + b"]" * 200_000), TOO_LARGE),
    "objects 200,000 deep": Hostile(_file("x.json", b'{"a":' * 200_000), TOO_LARGE),
    "field of 10 MB in JSON": Hostile(
        _file("x.json", lambda: _one(name="x" * 10_000_000)), TOO_LARGE
    ),
    "field of 900 kB in JSON": Hostile(_file("x.json", lambda: _one(name="x" * 900_000)), None),
    "field of 10 MB in CSV": Hostile(
        _csv(lambda: b"id,name\n1," + b"x" * 10_000_000 + b"\n"), TOO_LARGE
    ),
    "field of 100 kB in CSV": Hostile(_csv(lambda: b"id,name\n1," + b"x" * 100_000 + b"\n"), None),
    "quoted field of 10 MB in lines": Hostile(
        _csv(lambda: b'id,name\n1,"' + b"x\n" * 5_000_000 + b'"\n'), UNREADABLE
    ),
    "property name of 10 MB": Hostile(
        _file("x.json", lambda: b'{"' + b"x" * 10_000_000 + b'": 1}'), TOO_LARGE
    ),
    "number of 10 MB": Hostile(_file("x.json", lambda: _raw(b"9" * 10_000_000)), TOO_LARGE),
    "number of 4,301 digits": Hostile(_file("x.json", lambda: _raw(b"9" * 4_301)), UNREADABLE),
    "number of 4,300 digits": Hostile(_file("x.json", lambda: _raw(b"9" * 4_300)), UNREADABLE),
    "number of 18 digits": Hostile(_file("x.json", lambda: _raw(b"9" * 18)), None),
    "number of 4,301 digits in CSV": Hostile(
        _csv(b"id,name,maximum_age\n1,Soup," + b"9" * 4_301 + b"\n"), None
    ),
    "number with a huge exponent": Hostile(
        _file("x.json", lambda: _raw(b"1e999999999")), UNREADABLE
    ),
    "NaN": Hostile(_file("x.json", lambda: _raw(b"NaN")), UNREADABLE),
    "Infinity": Hostile(_file("x.json", lambda: _raw(b"-Infinity")), UNREADABLE),
    "half a character": Hostile(_file("x.json", lambda: _raw(rb'"\ud800"')), None),
    "the other half": Hostile(_file("x.json", lambda: _raw(rb'"x\udc00"')), None),
    "properties said twice": Hostile(_file("x.json", lambda: _raw(b'1, "maximum_age": 2')), None),
    "NUL in JSON": Hostile(_file("x.json", lambda: _one(alternate_name="a\0b")), None),
    "NUL bytes in JSON": Hostile(_file("x.json", lambda: _one() + b"\0" * 100), UNREADABLE),
    "NUL bytes in CSV": Hostile(_csv(b"id,name\n1,So\0up\n" + b"\0" * 1_000), None),
    "JSON that stops": Hostile(_file("x.json", lambda: _one()[:-20]), UNREADABLE),
    "lines that stop": Hostile(_file("x.ndjson", lambda: _one() + b"\n" + _one()[:99]), UNREADABLE),
    "a web page called JSON": Hostile(_file("x.json", b"<html><body>Moved"), UNREADABLE),
    "only a number": Hostile(_file("services.json", b"42"), NO_TABLES),
    "a list of lists": Hostile(_file("services.json", b"[[[1]], null, true]"), NO_TABLES),
    "empty JSON": Hostile(_file("services.json", b""), UNREADABLE),
    "200,001 values in a record": Hostile(
        _file("x.json", lambda: _one(x=[1] * 200_001)), TOO_LARGE
    ),
    "a million properties": Hostile(
        _file("x.json", lambda: json.dumps({f"p{n}": n for n in range(1_000_000)}).encode()),
        TOO_LARGE,
        "properties in one object",
    ),
    "JSON in Windows-1252": Hostile(
        _file("x.json", lambda: _raw('"caf\xe9"'.encode("cp1252"))), None
    ),
    "JSON in UTF-16": Hostile(_file("x.json", lambda: _one().decode().encode("utf-16")), None),
    "JSON in UTF-32": Hostile(_file("x.json", lambda: _one().decode().encode("utf-32")), None),
    "CSV in UTF-16, cut": Hostile(_csv("id,name\n1,Soup\n2,Bread\n".encode("utf-16")[:-3]), None),
    "CSV of bytes": Hostile(_csv(bytes(range(256)) * 1_000), None),
    "a picture called CSV": Hostile(_csv(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 500), None),
    "an open quote": Hostile(_csv(b'id,name\n1,Soup\n2,"Bread\n3,Rice\n'), UNREADABLE),
    "an endless line": Hostile(_csv(lambda: b"id,name\n" + b"x" * 40_000_000), TOO_LARGE),
    "an endless header": Hostile(_csv(lambda: b"x" * 40_000_000), TOO_LARGE),
    "a million columns": Hostile(_csv(_wide), TOO_LARGE),
    "2,000 columns": Hostile(_csv(lambda: _wide()[:20_000]), TOO_LARGE),
    "a million cells in a row": Hostile(_csv(lambda: b"id,name\n" + b"," * 999_990), None),
    "a file of 60 MB": Hostile(_csv(lambda: b"id,name\n" + b"1," + b"x" * 60_000_000), TOO_LARGE),
    "300,000 rows": Hostile(_csv(lambda: b"id,name\n" + b"1,x\n" * 300_000), TOO_LARGE),
    "a folder called services.csv": Hostile(_folder_called_csv, NO_TABLES),
    "a pipe": Hostile(_fifo, NO_TABLES),
    "a pipe by itself": Hostile(_fifo_itself, UNREADABLE),
    "a file that cannot be read": Hostile(_unreadable, UNREADABLE),
    "a link to itself": Hostile(_loop, NO_TABLES),
    "terms in a circle": Hostile(_circle, None),
    "the same id three times": Hostile(_twins, None),
    "the same id three times in JSON": Hostile(_file("services.json", _twin_records), None),
    "a package that leads away": Hostile(_package("../services.csv"), PACKAGE),
    "a package that leads to the root": Hostile(_package("/etc/passwd"), PACKAGE),
    "a package that leads away in the end": Hostile(
        _package(["services.csv", "a/../../b"]), PACKAGE
    ),
    "a package of another computer": Hostile(
        _package("https://x.example/s.csv"), PACKAGE, "another computer"
    ),
    "a package with a backslash": Hostile(_package("..\\services.csv"), PACKAGE),
    "a package with a number for a path": Hostile(_package(7), PACKAGE),
    "a package 200,000 deep": Hostile(_package_text("[" * 200_000), TOO_LARGE),
    "a package that is none": Hostile(_package_text("not JSON"), PACKAGE),
    "a package of nothing": Hostile(_package_text("{}"), PACKAGE),
}


def outcome(path: Path) -> tuple[str | None, str]:
    """Read a directory; return the code it is refused with, and what is said."""
    try:
        translation = read_directory(path, source="hostile", now=NOW, find_zip=find_zip)
    except DomainError as error:
        return error.code, str(error)
    report = translation.report
    said = [refusal.reason for refusal in report.refusals] + [note for _, note in report.notes]
    return None, "; ".join(dict.fromkeys(said))


def main() -> None:
    """Make them all, read each, and print how long that took."""
    for name, hostile in CORPUS.items():
        with TemporaryDirectory() as place:
            path = hostile.make(Path(place))
            begun = perf_counter()
            code, said = outcome(path)
            seconds = perf_counter() - begun
        sys.stdout.write(f"{seconds:7.3f} s  {name:38} {code or 'read':22} {said[:150]}\n")


if __name__ == "__main__":
    main()
