"""The part of a form about whom a listing serves: how each area is read, in the reader's words."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, NamedTuple

from api.area_words import area_words, mistake_words, shape_words
from api.languages import Language
from api.pages.listings.areas import (
    NO_DRAWING,
    TOO_MANY,
    UNREAD_WORDS,
    Drawing,
    Line,
    There,
    Typed,
    after_name,
    lines_of,
    there_words,
    too_many_lines,
)
from api.pages.listings.groups import plain
from directory.queries.whole_records import Whole
from directory.service_areas import is_geojson, is_text
from geo.areas import short_names
from geo.geojson import GeoJSONError, read_shape

#: The button that reads everything back, and says what cannot be read.
READ: Final = "areas-read"


class Said(NamedTuple):
    """An area to be added, in words; ``mistakes``, where there are any, say why it is none."""

    words: str = ""
    mistakes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """What the template needs beside what was typed, in the same order."""

    there: tuple[str, ...]
    lines: tuple[Said, ...]
    drawn: tuple[Said, ...]

    @property
    def errors(self) -> dict[str, list[str]]:
        """What is wrong, by the fields of the form."""
        lines = [mistake for line in self.lines for mistake in line.mistakes]
        found = {"areas-lines": lines} if lines else {}
        for n, drawing in enumerate(self.drawn):
            if drawing.mistakes:
                found[f"areas-drawn-{n}-text"] = list(drawing.mistakes)
        return found


def section_of(record: Whole | None, typed: Typed, language: Language) -> Section:
    """Read back all areas of a form."""
    stated = {str(each["id"]): each for each in (record["service_areas"] if record else ())}
    return Section(
        there=tuple(
            _there_words(area, stated.get(area["id"]), language) for area in typed["there"]
        ),
        lines=tuple(_said_of_lines(typed["lines"], language)),
        drawn=tuple(_drawing(each, language) for each in typed["drawn"]),
    )


def _there_words(area: There, stated: Whole | None, language: Language) -> str:
    """Say an area that is stated; of a drawing what it shows, of others that none searches."""
    if stated is not None and is_text(stated) and short_names(area["extent"]):
        return there_words(area, language)
    with suppress(GeoJSONError):
        if stated is not None and is_geojson(stated):
            shape = read_shape(stated["extent"] or "")
            return after_name(area["name"], shape_words(shape, language))
    about = there_words(area, language) or plain(stated and stated["description"])
    return after_name(about, language.translate("People can read it, and no search goes by it."))


def _said_of_lines(text: str, language: Language) -> Iterator[Said]:
    yield from (_line(line, language) for line in lines_of(text))
    if too_many_lines(text):
        yield Said(mistakes=(language.translate(TOO_MANY),))


def _line(line: Line, language: Language) -> Said:
    translate = language.translate
    if line.unread is None:
        words = translate("We read this as: {areas}")
        return Said(words.format(areas=area_words(line.names, language)))
    said = translate("Line {number}, “{text}”: {mistake}").format(
        number=line.number,
        text=line.unread.text,
        mistake=translate(UNREAD_WORDS[line.unread.why]),
    )
    return Said(mistakes=(said,))


def _drawing(drawing: Drawing, language: Language) -> Said:
    if not drawing["text"]:
        return Said(mistakes=(language.translate(NO_DRAWING),))
    try:
        return Said(shape_words(read_shape(drawing["text"]), language))
    except GeoJSONError as error:
        return Said(mistakes=tuple(mistake_words(each, language) for each in error.mistakes))
