"""Whom a listing serves, said by a publisher who never saw JSON and runs no script."""

import json
import re
from typing import Any

import pytest
from httpx import Response

from api.languages import language
from api.pages.listings.history_words import value_words
from directory.index import refresh_services
from directory.models.services import ServiceArea
from geo.geojson import LONGEST
from tests.api.pages.browsing import goes_to
from tests.api.pages.test_listings import Desk, Fields, desk, words
from tests.conftest import NOON
from tests.factories import post_form

__all__ = ["desk"]

AROUND_LANSING = [[-84.7, 42.6], [-84.4, 42.6], [-84.4, 42.8], [-84.7, 42.8], [-84.7, 42.6]]


def drawn(ring: Any = AROUND_LANSING) -> str:
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


def extents(desk: Desk) -> set[str]:
    return {row["extent"] for row in desk.rows(ServiceArea)}


def press(desk: Desk, page: Response, do: str, kind: str = "services", **filled: Any) -> Response:
    return desk.fill(page, desk.paths[kind], do=do, **filled)


def send_file(desk: Desk, content: bytes, name: str = "area.geojson", **filled: Any) -> Response:
    """Send the form as a browser does that has a file."""
    path = desk.paths["services"]
    fields = {**Fields(desk.open(path).text, path).found, "do": "save", **filled}
    fields["_csrf_token"] = desk.client.cookies["openings-csrf"]
    fields.pop("areas-drawn-0-file", None)
    sent: Response = desk.client.post(
        path,
        data=fields,
        files={"areas-drawn-0-file": (name, content)},
        follow_redirects=False,
    )
    return sent


def search_says(desk: Desk, near: str) -> Any:
    found = desk.client.get(f"/api/v1/search?near={near}&q=food").json()["results"]
    return [hit["serves_your_area"] for hit in found]


@pytest.mark.parametrize("kind", ["services", "offers"])
def test_areas_are_typed_as_people_write_them_and_searched_by(desk: Desk, kind: str) -> None:
    path = desk.paths[kind]
    typed = "Wayne County, MI\r\n\r\n48201, 48202\r\nOhio"
    read = press(desk, desk.open(path), "areas-read", kind, **{"areas-lines": typed})
    assert read.status_code == 200
    for said in ("We read this as: Wayne County in Michigan", "ZIP codes 48201 and 48202",
                 "We read this as: the whole of Ohio"):  # fmt: skip
        assert said in words(read)
    assert extents(desk) == set()

    goes_to(press(desk, read, "save", kind))

    assert extents(desk) == {"MI:Wayne_County", "48201 48202", "OH"}
    assert {row["name"] for row in desk.rows(ServiceArea)} == {
        "Wayne County, MI", "48201, 48202", "Ohio",
    }  # fmt: skip
    assert search_says(desk, "48201") == [True]
    assert search_says(desk, "48933") == [False]
    page = words(desk.open(path))
    assert "Wayne County in Michigan Remove : Wayne County in Michigan" in page
    history = words(desk.open(f"{path}/history"))
    assert "Area served: Area (empty) → became Wayne County in Michigan" in history


def test_each_line_that_is_no_area_is_named_and_nothing_is_lost(desk: Desk) -> None:
    typed = "Wane County, MI\r\nWayne County, MI\r\n48201, 4820\r\nWashington, DC"
    for do in ("save", "areas-read"):
        page = desk.open(desk.paths["services"])
        refused = press(desk, page, do, **{"areas-lines": typed, "alert": "Not lost"})

        assert refused.status_code == 422
        said = words(refused)
        assert "Line 1, “Wane County, MI”: We do not know this area. Write a county such" in said
        assert "Line 3, “4820”: We do not know this ZIP code." in said
        assert "Line 4, “Washington, DC”: This can be two things." in said
        assert "We read this as: Wayne County in Michigan" in said
        assert 'href="#areas-lines"' in refused.text
        assert 'id="areas-lines"' in refused.text
        assert "Not lost" in refused.text
        assert Fields(refused.text, desk.paths["services"]).found["areas-lines"] == (
            typed.replace("\r\n", "\n")
        )
    assert extents(desk) == set()


def test_mistakes_are_told_in_spanish(desk: Desk) -> None:
    desk.client.headers["accept-language"] = "es"
    page = desk.open(desk.paths["services"])
    bad = {"areas-lines": "Wane\nWayne County, MI", "areas-drawn-0-text": drawn([[1, 2]])}
    said = words(press(desk, page, "save", **bad))

    assert "Línea 1, “Wane”: No conocemos esta zona." in said
    assert "Entendemos: Wayne County, en Michigan" in said
    assert "coordinates[0]: Dé un anillo" in said


def test_an_area_is_removed_by_its_button_and_comes_back_by_undo(desk: Desk) -> None:
    path = desk.paths["services"]
    goes_to(desk.save(path, **{"areas-lines": "Ohio\nMichigan"}))
    page = desk.open(path)
    (ohio,) = (row["id"] for row in desk.rows(ServiceArea) if row["extent"] == "OH")

    removed = press(desk, page, f"areas-remove-{ohio}")
    assert "the whole of Ohio" not in words(removed)
    assert extents(desk) == {"OH", "MI"}
    goes_to(press(desk, removed, "save"))
    assert extents(desk) == {"MI"}

    history = desk.open(f"{path}/history")
    change = re.findall(r'name="change_id" value="([^"]+)"', history.text)
    for each in dict.fromkeys(change):
        if extents(desk) == {"MI"}:
            post_form(desk.client, f"{path}/undo", change_id=each)
    assert extents(desk) == {"OH", "MI"}


def test_what_is_there_already_is_not_added_again(desk: Desk) -> None:
    path = desk.paths["services"]
    goes_to(desk.save(path, **{"areas-lines": "Ohio\nOhio\n48201, 48202"}))
    before = {row["id"] for row in desk.rows(ServiceArea)}
    goes_to(desk.save(path, **{"areas-lines": "OH\n48201 48202\n"}))

    assert {row["id"] for row in desk.rows(ServiceArea)} == before
    assert len(before) == 2


def test_a_drawing_is_pasted_and_said_in_words(desk: Desk) -> None:
    path = desk.paths["services"]
    fields = {"areas-drawn-0-name": "Our round", "areas-drawn-0-text": drawn()}
    read = press(desk, desk.open(path), "areas-read", **fields)
    assert "A drawing of 4 corners, from near" in words(read)
    assert 'id="areas-drawn-1-text"' in read.text

    goes_to(press(desk, read, "save"))

    (row,) = desk.rows(ServiceArea)
    assert (row["name"], row["extent"], row["extent_type"]) == ("Our round", drawn(), "geojson")
    assert search_says(desk, "42.7,-84.55") == [True]
    assert search_says(desk, "42.9,-84.55") == [False]
    page = desk.open(path)
    assert "Our round: A drawing of 4 corners" in words(page)
    assert "coordinates" not in page.text


def test_a_drawing_is_sent_as_a_file(desk: Desk) -> None:
    goes_to(send_file(desk, b"\xef\xbb\xbf" + drawn().encode(), **{"areas-drawn-0-name": "Round"}))

    assert extents(desk) == {drawn()}
    page = desk.open(desk.paths["services"])
    assert 'enctype="multipart/form-data"' in page.text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04\xff\xfe", "Give GeoJSON: this cannot be read as JSON."),
        (b"<kml></kml>", "Give GeoJSON: this cannot be read as JSON."),
        (b"{}", 'Give a "type": Polygon'),
        (drawn([[1, 2], [3, 4], [5, 99], [1, 2]]).encode(), "coordinates[0][2]: Give a latitude"),
        (b"[" * 60_000, "this cannot be read as JSON"),
        (b" " * 10 + b"1" * (LONGEST + 1), f"Use at most {LONGEST} letters."),
    ],
)
def test_a_file_that_draws_nothing_is_refused(desk: Desk, content: bytes, said: str) -> None:
    refused = send_file(desk, content, alert="Not lost")

    assert refused.status_code == 422
    assert said in words(refused)
    assert "Not lost" in refused.text
    assert 'id="areas-drawn-0-text"' in refused.text
    assert extents(desk) == set()


def test_a_name_without_a_drawing_is_asked_about_and_a_drawing_can_be_dropped(desk: Desk) -> None:
    path = desk.paths["services"]
    refused = desk.save(path, **{"areas-drawn-0-name": "Our round"})
    assert refused.status_code == 422
    assert "Choose a file or paste what is in it" in words(refused)

    dropped = press(desk, refused, "areas-undraw-0")
    assert "Our round" not in dropped.text
    goes_to(press(desk, dropped, "save"))


def test_longitudes_and_latitudes_that_are_swapped_are_noticed(desk: Desk) -> None:
    swapped = [[y, x] for x, y in AROUND_LANSING]
    page = desk.open(desk.paths["services"])
    read = press(desk, page, "areas-read", **{"areas-drawn-0-text": drawn(swapped)})

    assert "No place that we know is near it: in GeoJSON the longitude comes first." in words(read)


def test_areas_from_elsewhere_stay_as_they_are(desk: Desk) -> None:
    with desk.scene.database.transaction() as session:
        for values in (
            {"name": "Greater Lansing", "extent": "Greater Lansing", "extent_type": "text"},
            {"name": "By bus", "extent": "<kml/>", "extent_type": "kml"},
            {"name": "Torn", "extent": "{torn", "extent_type": None},
            {"description": "The old town"},
            {"name": "Two counties", "extent": "MI:Ingham_County MI:Eaton_County"},
        ):
            session.add(ServiceArea(service_id=desk.service, **values))
        session.flush()
        refresh_services(session, [desk.service], now=NOON)
    before = desk.rows(ServiceArea)
    page = words(desk.open(desk.paths["services"]))
    for said in ("Greater Lansing: People can read it, and no search goes by it.",
                 "By bus: People can read it", "Torn: An area drawn on the map: People can read it",
                 "The old town: People can read it",
                 "Two counties: Ingham County in Michigan; Eaton County in Michigan"):  # fmt: skip
        assert said in page

    goes_to(desk.save(desk.paths["services"], **{"areas-lines": "Ohio"}))

    after = desk.rows(ServiceArea)
    assert all(row in after for row in before)
    assert len(after) == len(before) + 1


def test_two_people_who_change_areas_at_once_choose(desk: Desk) -> None:
    path = desk.paths["services"]
    goes_to(desk.save(path, **{"areas-lines": "Ohio"}))
    mine = desk.open(path)
    goes_to(desk.save(path, **{"areas-lines": "Indiana"}))

    page = press(desk, mine, "save",
                 **{"areas-lines": "Wayne County, MI", "areas-drawn-0-text": drawn()})  # fmt: skip
    assert page.status_code == 409
    said = words(page)
    assert "Theirs: the whole of Indiana; the whole of Ohio" in said or (
        "Theirs: the whole of Ohio; the whole of Indiana" in said
    )
    assert "Yours: the whole of Ohio; Wayne County in Michigan; An area drawn on the map" in said
    goes_to(press(desk, page, "save", **{"choose-areas": "mine"}))

    assert extents(desk) == {"OH", "MI:Wayne_County", drawn()}


def test_areas_that_only_one_of_two_changed_need_no_choice(desk: Desk) -> None:
    path = desk.paths["services"]
    mine = desk.open(path)
    goes_to(desk.save(path, **{"areas-lines": "Ohio"}))
    page = press(desk, mine, "save", alert="Mine")

    assert "choose-areas" not in page.text
    assert "the whole of Ohio" in words(page)
    goes_to(press(desk, page, "save"))
    assert extents(desk) == {"OH"}


@pytest.mark.parametrize(
    "was",
    [
        '{"areas": 7}',
        '{"areas": {"there": [7], "lines": "", "drawn": []}}',
        '{"areas": {"there": [{}], "lines": [], "drawn": {}}}',
        '{"areas": {"there": [{"id": "x", "name": "", "extent": ""}], "lines": "", "drawn": []}}',
    ],
)
def test_a_form_that_says_it_showed_nonsense_breaks_nothing(desk: Desk, was: str) -> None:
    page = desk.save(
        desk.paths["services"], version="0", was=was, **{"areas-lines": "x", "choose-areas": "mine"}
    )

    assert page.status_code == 409


def test_fields_that_no_form_of_ours_sends_break_nothing(desk: Desk) -> None:
    saved = desk.save(
        desk.paths["services"],
        **{"areas-there-0-id": "zebra", "areas-there-9999-name": "x", "areas-lines": ["a", "Ohio"],
           "areas-drawn-7-text": [drawn(), drawn()]},
    )  # fmt: skip

    goes_to(saved)
    assert extents(desk) == {"OH", drawn()}


def test_more_lines_than_a_listing_can_have_areas_are_not_all_read(desk: Desk) -> None:
    lines = "\n".join(["Ohio"] * 99 + [""] * 5 + ["x"] * 100_000)
    for do in ("save", "areas-read"):
        page = desk.open(desk.paths["services"])
        refused = press(desk, page, do, **{"areas-lines": lines})

        assert refused.status_code == 422
        assert refused.text.count("We do not know this area") == 2  # above, and beside the field
        assert "Give at most 100 of them." in words(refused)
    assert extents(desk) == set()


def test_a_new_service_says_whom_it_serves(desk: Desk) -> None:
    page = desk.open("/listings/services/new")
    fields = {"name": "Coats", "areas-lines": "Wayne County, MI"}
    goes_to(desk.fill(page, "/listings/services/new", do="save", **fields))

    assert extents(desk) == {"MI:Wayne_County"}


def test_history_tells_areas_in_words() -> None:
    said = value_words("service_area", "extent", "MI:Wayne_County 48201", language("es"))

    assert said == "Wayne County, en Michigan; el código postal 48201"
    assert value_words("service_area", "extent", "Greater Lansing", language("es")) == (
        "Greater Lansing"
    )


def test_a_form_with_very_many_fields_is_taken(desk: Desk) -> None:
    rows = {f"phones-{n}-number": f"517 555 01{n:02}" for n in range(100)}
    more = {f"phones-{n}-{name}": "" for n in range(100, 500) for name in ("id", "type", "number")}

    goes_to(send_file(desk, b"", "", **rows, **more))
