"""Areas that are served, in words: "Wayne County in Michigan; ZIP codes 48201 and 48202"."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from babel.lists import format_list

from api.languages import Language
from geo.geojson import Mistake
from geo.points import Point
from geo.polygons import FULL_TURN, HALF_TURN, Shape
from geo.states import STATE_NAMES
from geo.zip_index import zip_index


def area_words(names: Sequence[str], language: Language) -> str:
    """Say short names (``geo.areas``) in their order; ZIP codes that stand together, together."""
    return "; ".join(_area_words(names, language))


def _area_words(names: Sequence[str], language: Language) -> Iterator[str]:
    for are_zips, group in groupby(names, str.isdigit):
        some = list(group)
        if are_zips:
            yield _zip_words(some, language)
        else:
            yield from (_named(name, language) for name in some)


def _zip_words(codes: Sequence[str], language: Language) -> str:
    if len(codes) == 1:
        return language.translate("ZIP code {code}").format(code=codes[0])
    listed = format_list(codes, locale=language.tag)
    return language.translate("ZIP codes {codes}").format(codes=listed)


def _named(name: str, language: Language) -> str:
    code, colon, county = name.partition(":")
    state = STATE_NAMES.get(code, code)
    if not colon:
        return language.translate("the whole of {state}").format(state=state)
    return language.translate("{county} in {state}").format(
        county=county.replace("_", " "), state=state
    )


def shape_words(shape: Shape, language: Language) -> str:
    """Say how many corners a drawing has, and which towns are nearest to two ends of it.

    Those are its north-west and its south-east; where nothing is there, its middle.
    """
    translate = language.translate
    west, south, east, north = shape.box
    first, last = _near(north, west), _near(south, east)
    if first is None or last is None:  # at sea
        first = last = _near((south + north) / 2, (west + east) / 2)
    if first is None:
        words = translate(
            "A drawing of {corners} corners. No place that we know is near it: "
            "in GeoJSON the longitude comes first."
        )
    elif first == last:
        words = translate("A drawing of {corners} corners, near {first}.")
    else:
        words = translate("A drawing of {corners} corners, from near {first} to near {last}.")
    return words.format(corners=shape.corners, first=first, last=last)


def _near(latitude: float, longitude: float) -> str | None:
    turned = (longitude + HALF_TURN) % FULL_TURN - HALF_TURN
    place = zip_index().nearest(Point(latitude, turned))
    return f"{place.city}, {place.state}" if place else None


def mistake_words(mistake: Mistake, language: Language) -> str:
    """Say what is wrong with GeoJSON, after where that is."""
    return str(mistake._replace(words=language.translate(mistake.words)))
