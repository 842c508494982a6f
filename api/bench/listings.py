"""A directory of any size as a folder of CSV files, made by rule: the same each time."""

import csv
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Final

Cells = Iterator[tuple[object, ...]]

#: So many rows belong to one agency, over all files.
ROWS_PER_AGENCY: Final = 50
#: One agency in so many runs a shelter, whose address has to be held back.
AGENCIES_PER_SHELTER: Final = 200
_TERMS: Final = ("Food", "Beds", "Health", "Work", "Legal advice", "Clothes", "Transport", "Care")
_ZIPS: Final = ("48933", "48912", "48864", "49503", "48104", "48201", "49007", "48601")
_DAYS: Final = ("MO,TU,WE,TH,FR", "SA", "1MO,3MO", "TU,TH")
_LANGUAGES: Final = ("Spanish", "Arabic", "Urdu")


def _organization(number: int) -> Cells:
    name = f"Willow Agency {number}" if number % 7 else f"Acorn &amp; Oak Agency {number}"
    described = f"Agency {number} helps people in every season, with whatever is at hand. " * 2
    mail, page = f"desk{number}@agency.example", f"https://agency.example/{number}"
    return iter([(f"o{number}", name, described, mail, page, 1900 + number % 120)])


def _location(number: int, each: int) -> tuple[object, ...]:
    shelter = not each and number % AGENCIES_PER_SHELTER == 0
    name = f"Harbor Shelter {number}" if shelter else f"House {number}-{each}"
    latitude, longitude = 42 + number % 300 / 100, -84 - (number + each) % 200 / 100
    about = f"The house with the {_TERMS[each].casefold()} room, behind the library."
    identifier = f"l{number}-{each}"
    return identifier, "physical", f"o{number}", name, about, latitude, longitude


def _address(number: int, each: int) -> tuple[object, ...]:
    street = f"{number + 1} Alder Street {each}"
    place = (street, "Lansing", "Michigan", _ZIPS[number % len(_ZIPS)], "US", "physical")
    return (f"r{number}-{each}", f"l{number}-{each}", *place)


def _service(number: int, each: int) -> tuple[object, ...]:
    term = _TERMS[(number + each) % len(_TERMS)]
    about = f"{term} for everybody who asks, on the days that are named, without a long wait. " * 3
    return (
        *(f"s{number}-{each}", f"o{number}", f"{term} of agency {number}", about, "active"),
        *(f"help{number}@agency.example", "Adults age 18 or over"),
    )


def _number(number: int) -> str:
    return f"517-555-{100 + number % 100:04}"


#: Columns, and the rows of one agency, by file.
_FILES: Final[Mapping[str, tuple[str, Callable[[int], Cells]]]] = {
    "organizations": (
        "id name description email website year_incorporated",
        _organization,
    ),
    "organization_identifiers": (
        "id organization_id identifier_scheme identifier_type identifier",
        lambda n: iter([(f"i{n}", f"o{n}", "US-EIN", "tax number", f"{n:09}")]),
    ),
    "locations": (
        "id location_type organization_id name description latitude longitude",
        lambda n: (_location(n, each) for each in range(4)),
    ),
    "addresses": (
        "id location_id address_1 city state_province postal_code country address_type",
        lambda n: (_address(n, each) for each in range(4)),
    ),
    "services": (
        "id organization_id name description status email eligibility_description",
        lambda n: (_service(n, each) for each in range(5)),
    ),
    "service_at_location": (
        "id service_id location_id",
        lambda n: ((f"sl{n}-{e}", f"s{n}-{e % 5}", f"l{n}-{(e + e // 5) % 4}") for e in range(6)),
    ),
    "phones": (
        "id service_id number type description",
        lambda n: ((f"p{n}-{e}", f"s{n}-{e % 5}", _number(n + e), "voice", "") for e in range(9)),
    ),
    "schedules": (
        "id location_id freq byday opens_at closes_at",
        lambda n: (
            (f"h{n}-{e}", f"l{n}-{e % 4}", "", _DAYS[e // 4], "9:00", "5:00 PM") for e in range(10)
        ),
    ),
    "languages": (
        "id service_id name",
        lambda n: ((f"g{n}-{e}", f"s{n}-{e}", _LANGUAGES[e]) for e in range(3)),
    ),
    "required_documents": (
        "id service_id document",
        lambda n: ((f"d{n}-{e}", f"s{n}-{e}", "A letter with your name on it") for e in range(2)),
    ),
    "attributes": (
        "id link_id link_entity taxonomy_term_id",
        lambda n: (
            (f"a{n}-{e}", f"s{n}-{e}", "service", f"t{(n + e) % len(_TERMS)}") for e in range(5)
        ),
    ),
}


def write_directory(folder: Path, rows: int) -> int:
    """Write files with about so many rows into a folder; return how many they have."""
    agencies = max(1, (rows - len(_TERMS) - 1) // ROWS_PER_AGENCY)
    _write(folder / "taxonomies.csv", "id name description", iter([("x", "Kinds of help", "-")]))
    terms = ((f"t{n}", name, name, "x", "-") for n, name in enumerate(_TERMS))
    _write(folder / "taxonomy_terms.csv", "id code name taxonomy_id description", terms)
    with ExitStack() as stack:
        writers = {}
        for name, (columns, _) in _FILES.items():
            path = folder / f"{name}.csv"
            stream = stack.enter_context(path.open("w", encoding="utf-8", newline=""))
            writers[name] = csv.writer(stream)
            writers[name].writerow(columns.split())
        for agency in range(agencies):
            for name, (_, rows_of) in _FILES.items():
                writers[name].writerows(rows_of(agency))
    return agencies * ROWS_PER_AGENCY + len(_TERMS) + 1


def _write(path: Path, columns: str, rows: Cells) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns.split())
        writer.writerows(rows)
