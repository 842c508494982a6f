"""Whom a listing serves by where they live, on a form: what is there, lines to add, and drawings.

What is there is shown in words and can be removed. It is not changed: who wants it otherwise
removes it and adds it anew.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final, NamedTuple, TypedDict

from api.area_words import area_words
from api.languages import Language
from api.languages import marked as _
from api.pages.listings.groups import Data, Group, kept, plain, row_numbers
from directory.commands.records.planning import MOST_PARTS
from directory.errors import FieldError, InvalidError
from directory.field_rules import SHORT
from directory.queries.whole_records import Whole
from directory.service_areas import GEOJSON, POLYGON, is_geojson, is_text, polygon_word
from geo.areas import short_names
from geo.geojson import LONGEST, GeoJSONError, read_shape
from geo.written_areas import Unread, UnreadAreaError, read_areas, written_areas

#: The buttons that take a row out.
_REMOVE: Final = "areas-remove-"
_UNDRAW: Final = "areas-undraw-"

UNREAD_WORDS: Final = {
    Unread.NO_ZIP: _("We do not know this ZIP code. Write each with its five digits."),
    Unread.AMBIGUOUS: _(
        "This can be two things. Write each state on a line of its own, a county such as "
        "“Wayne County, MI”, and a town by its ZIP codes."
    ),
    Unread.UNKNOWN: _(
        "We do not know this area. Write a county such as “Wayne County, MI”, ZIP codes such as "
        "“48201, 48202”, or a state. A town is written by its ZIP codes."
    ),
}
TOO_MANY: Final = f"Give at most {MOST_PARTS} of them."
NO_DRAWING: Final = _("Choose a file or paste what is in it, or empty the name.")
DRAWN: Final = _("An area drawn on the map")


class There(TypedDict):
    """An area that is stated; of a drawing ``extent`` is only its word."""

    id: str
    name: str
    extent: str


class Drawing(TypedDict):
    """GeoJSON to be added, as it was pasted or is in a file, and what people call it."""

    name: str
    text: str


class Typed(TypedDict):
    """What the form shows of areas."""

    there: list[There]
    lines: str
    drawn: list[Drawing]


class Line(NamedTuple):
    """A line that was typed: the areas that it names, or why and at which words it is unread."""

    number: int
    names: tuple[str, ...] = ()
    unread: UnreadAreaError | None = None


def areas() -> Group:
    """Return the group of the areas served."""
    return Group("areas", show_areas, read_typed_areas, fill_areas, Typed)


def show_areas(record: Whole | None) -> Typed:
    """Return the areas that are stated, and nothing to add."""
    stated = [] if record is None else record["service_areas"]
    return Typed(there=[_there(area) for area in stated], lines="", drawn=[])


def _there(area: Whole) -> There:
    extent = plain(area["extent"])
    return There(
        id=str(area["id"]),
        name=plain(area["name"]),
        extent=polygon_word(extent) if extent and is_geojson(area) else extent,
    )


def read_typed_areas(data: Data) -> Typed:
    """Read what stays, what is to be added, and the files; without what a button removes."""
    do = plain(data.get("do"))
    there = [_read_there(data, f"areas-there-{n}") for n in row_numbers(data, "areas-there")]
    drawn = {n: _read_drawing(data, f"areas-drawn-{n}") for n in row_numbers(data, "areas-drawn")}
    return Typed(
        there=[each for each in there if do != f"{_REMOVE}{each['id']}"],
        lines=plain(data.get("areas-lines")),
        drawn=[each for n, each in drawn.items() if any(each.values()) and do != f"{_UNDRAW}{n}"],
    )


def _read_there(data: Data, name: str) -> There:
    return There(
        id=plain(data.get(f"{name}-id")),
        name=plain(data.get(f"{name}-name")),
        extent=plain(data.get(f"{name}-extent")),
    )


def _read_drawing(data: Data, name: str) -> Drawing:
    text = plain(data.get(f"{name}-file")) or plain(data.get(f"{name}-text"))
    return Drawing(name=plain(data.get(f"{name}-name")), text=text.lstrip("\ufeff")[: LONGEST + 1])


def too_many_lines(text: str) -> bool:
    """Say whether there are more lines than a listing can have areas."""
    return len(list(_lines(text))) > MOST_PARTS


def lines_of(text: str) -> Iterator[Line]:
    """Yield the lines that have anything in them, read; of too many only the first."""
    for number, line in islice(_lines(text), MOST_PARTS):
        try:
            if names := read_areas(line):
                yield Line(number, names)
        except UnreadAreaError as error:
            yield Line(number, unread=error)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    return ((n, line) for n, line in enumerate(text.split("\n"), start=1) if line.strip())


def fill_areas(typed: Typed, record: Whole | None) -> dict[str, Any]:
    """Return what stays and what is added. An area that is there already is not added again."""
    there = {str(each["id"]): each for each in (record["service_areas"] if record else ())}
    stay = [there[each["id"]] for each in typed["there"] if each["id"] in there]
    mistakes = [
        FieldError("areas.lines", f"“{line.unread.text}”: {UNREAD_WORDS[line.unread.why]}")
        for line in lines_of(typed["lines"])
        if line.unread
    ]
    if too_many_lines(typed["lines"]):
        mistakes.append(FieldError("areas.lines", TOO_MANY))
    mistakes += _mistakes_in_drawings(typed["drawn"])
    if mistakes:
        raise InvalidError(mistakes)
    named = {line.names for line in lines_of(typed["lines"])}
    named -= {short_names(each["extent"] or "") for each in stay if is_text(each)}
    drawn = {each["text"]: each for each in typed["drawn"]}
    return {
        "service_areas": [
            *map(kept, stay),
            *map(_named, sorted(named)),
            *(_drawn(each) for each in drawn.values()),
        ]
    }


def _mistakes_in_drawings(drawn: list[Drawing]) -> Iterator[FieldError]:
    for n, each in enumerate(drawn):
        if not each["text"]:
            yield FieldError(f"areas.drawn.{n}.text", NO_DRAWING)
            continue
        if len(each["name"]) > SHORT:
            yield FieldError(f"areas.drawn.{n}.name", f"Use at most {SHORT} letters.")
        try:
            read_shape(each["text"])
        except GeoJSONError as error:
            yield from (FieldError(f"areas.drawn.{n}.text", str(e)) for e in error.mistakes)


def _named(names: tuple[str, ...]) -> dict[str, Any]:
    name = written_areas(names)
    return {
        "name": name if len(name) <= SHORT else None,
        "extent": " ".join(names),
        "extent_type": "text",
    }


def _drawn(drawing: Drawing) -> dict[str, Any]:
    return {
        "name": drawing["name"] or None,
        "extent": drawing["text"],
        "extent_type": GEOJSON,
    }


def there_words(area: There, language: Language) -> str:
    """Say an area that is stated: its name where that says more, and what a search goes by."""
    name, extent = area["name"], area["extent"]
    names = short_names(extent) if extent else None
    if names:
        words = area_words(names, language)
        return words if name == written_areas(names) else after_name(name, words)
    if extent.startswith(POLYGON):
        return after_name(name, language.translate(DRAWN))
    return name or extent


def after_name(name: str, words: str) -> str:
    """Put what people call an area before what is said of it."""
    return f"{name}: {words}" if name else words


def area_group_words(typed: Typed, language: Language) -> str:
    """Say what was typed, to lay it beside another version; what is unread, as it is."""
    added = (
        line.unread.text if line.unread else area_words(line.names, language)
        for line in lines_of(typed["lines"])
    )
    drawn = (after_name(each["name"], language.translate(DRAWN)) for each in typed["drawn"])
    return "; ".join([*(there_words(each, language) for each in typed["there"]), *added, *drawn])
