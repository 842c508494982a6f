"""Editing over HTTP: who may, which version, and what is never told."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from api.versions import VersionNeededError, expected_version
from directory.database import Database
from directory.errors import InvalidError
from directory.index import find_stale_services
from directory.models.accounts import Role
from directory.models.services import Service
from tests.api.conftest import Client, MakeKey, assert_problem, paths_of
from tests.conftest import NOON
from tests.factories import make_offer, make_organization

ADDRESS = {"address_1": "77 Canary Lane", "city": "Lansing", "postal_code": "48933"}
KINDS = ["organizations", "services", "locations", "service-at-locations"]


class Scene:
    """An agency with a service in a place, and keys of everybody."""

    def __init__(self, client: Client, database: Database, make_key: MakeKey) -> None:
        self.client, self.database = client, database
        with database.transaction() as session:
            host = make_organization(session)
            offer = make_offer(session, organization=host)
            self.ids = {
                "organizations": host.id,
                "services": offer.service_id,
                "locations": offer.location_id,
                "service-at-locations": offer.id,
            }
            stranger = make_organization(session, "Heron House").id
        own = {role.value: make_key(role, self.ids["organizations"]) for role in Role}
        others = {f"other {role}": make_key(role, stranger) for role in Role}
        self.keys: dict[str, dict[str, str]] = {"public": {}, **own, **others}

    def path(self, kind: str, *more: Any) -> str:
        return "/".join(["/api/v1", kind, *map(str, more)])

    def send(self, method: str, path: str, who: str = "publisher", **more: Any) -> Any:
        headers = {**self.keys[who], **more.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **more)

    def patch(
        self, kind: str, version: int | str = 1, who: str = "publisher", /, **values: Any
    ) -> Any:
        tag = {"If-Match": f'"{version}"' if isinstance(version, int) else version}
        path = self.path(kind, self.ids[kind])
        return self.send("PATCH", path, who, headers=tag, json=values)


@pytest.fixture
def scene(client: Client, database: Database, make_key: MakeKey) -> Scene:
    return Scene(client, database, make_key)


OWN_EDITORS = {"publisher", "administrator", "other administrator"}
ADMINISTRATORS = {"administrator", "other administrator"}
READERS = OWN_EDITORS | {"coordinator"}
#: Whose role lets them in at the door.
EDITING = OWN_EDITORS | {"other publisher"}
STAFF = EDITING | {"coordinator", "other coordinator"}


def status_for(who: str, allowed: set[str], at_the_door: set[str], good: int) -> int:
    if who == "public":
        return 401
    if who not in at_the_door:
        return 403
    return good if who in allowed else 404


@pytest.mark.parametrize("kind", KINDS)
def test_who_may_do_what_with_an_agencys_records(scene: Scene, kind: str) -> None:
    for number, who in enumerate(scene.keys):
        version = scene.client.get(scene.path(kind, scene.ids[kind])).json()["version"]
        changed = scene.patch(kind, version, who, description=f"Words {number}")
        assert changed.status_code == status_for(who, OWN_EDITORS, EDITING, 200), who
        history = scene.send("GET", scene.path(kind, scene.ids[kind], "history"), who)
        assert history.status_code == status_for(who, READERS, STAFF, 200), who


@pytest.mark.parametrize("kind", KINDS)
def test_who_may_undo_and_remove(scene: Scene, kind: str) -> None:
    scene.patch(kind, 1, description="Words")
    (change,) = scene.send("GET", scene.path(kind, scene.ids[kind], "history")).json()["items"]
    undo = scene.path("changes", change["id"], "undo")
    removing = ADMINISTRATORS if kind == "organizations" else EDITING
    for who in scene.keys.keys() - OWN_EDITORS:
        refused = scene.send("POST", undo, who, json={})
        assert refused.status_code == status_for(who, OWN_EDITORS, EDITING, 201), who
        path = scene.path(kind, scene.ids[kind])
        refused = scene.send("DELETE", path, who, headers={"If-Match": '"2"'})
        assert refused.status_code == status_for(who, set(), removing, 0), who
    assert scene.send("POST", undo, json={}).status_code == 201
    kept = scene.client.get(scene.path(kind, scene.ids[kind])).json()
    assert not kept["description"]


NEW: dict[str, dict[str, Any]] = {
    "organizations": {"name": "New Agency"},
    "services": {"name": "New service", "needs": ["food"]},
    "locations": {"name": "New place", "addresses": [ADDRESS]},
}


@pytest.mark.parametrize("kind", NEW)
def test_who_may_add_what(scene: Scene, kind: str) -> None:
    creating = ADMINISTRATORS if kind == "organizations" else EDITING
    for who in scene.keys:
        made = scene.send("POST", scene.path(kind), who, json=NEW[kind])
        assert made.status_code == status_for(who, creating, creating, 201), who
        if made.status_code == 201:
            assert made.headers["etag"] == '"1"'
            shown = scene.client.get(scene.path(kind, made.json()["id"]))
            assert (shown.json(), shown.headers["etag"]) == (made.json(), '"1"')


def test_only_administrators_add_for_another_agency(scene: Scene) -> None:
    host = scene.ids["organizations"]
    path = f"{scene.path('services')}?organization_id={host}"
    for who, status in (("publisher", 201), ("other publisher", 404), ("other administrator", 201)):
        made = scene.send("POST", path, who, json=NEW["services"])
        assert made.status_code == status
        if status == 201:
            assert made.json()["organization_id"] == str(host)


def test_a_service_goes_into_a_place_and_out_again(scene: Scene) -> None:
    place = scene.send("POST", scene.path("locations"), json=NEW["locations"]).json()["id"]
    body = {"service_id": str(scene.ids["services"]), "location_id": place}
    path = scene.path("service-at-locations")

    assert scene.send("POST", path, "other publisher", json=body).status_code == 404
    made = scene.send("POST", path, json={**body, "phones": [{"number": "211"}]})
    assert made.json()["phones"][0]["number"] == "211"
    assert_problem(scene.send("POST", path, json=body), 409, "already-offered")
    gone = scene.send("DELETE", f"{path}/{made.json()['id']}", headers={"If-Match": '"1"'})
    assert gone.status_code == 204
    history = scene.send("GET", f"{path}/{made.json()['id']}/history").json()["items"]
    assert [each["action"] for each in history].count("delete") == 1
    with scene.database.reading() as session:
        assert find_stale_services(session, now=NOON) == set()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("if_match", "status", "code"),
    [
        (None, 428, "version-needed"),
        ("*", 428, "version-needed"),
        ("", 428, "version-needed"),
        ('"0"', 412, "stale"),
        ('"2"', 412, "stale"),
        ("1", 422, "invalid-input"),
        ('"one"', 422, "invalid-input"),
        ('"1", "2"', 422, "invalid-input"),
        ('"1"', 200, ""),
        ('W/"1"', 200, ""),
    ],
)
def test_a_change_names_the_version_it_is_of(
    scene: Scene, kind: str, if_match: str | None, status: int, code: str
) -> None:
    headers = {} if if_match is None else {"If-Match": if_match}
    path = scene.path(kind, scene.ids[kind])
    if status != 200:
        removed = scene.send("DELETE", path, "administrator", headers=headers)
        assert_problem(removed, status, code)
    changed = scene.send("PATCH", path, headers=headers, json={"description": "New words"})

    if status == 200:
        assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
        assert changed.json()["version"] == 2
        late = scene.patch(kind, 1, description="Late")
        assert assert_problem(late, 412, "stale")["version"] == 2
    else:
        problem = assert_problem(changed, status, code)
        assert problem.get("version") == (1 if status == 412 else None)
        assert scene.client.get(path).headers["etag"] == '"1"'


def test_a_version_is_read_as_it_was_written() -> None:
    assert expected_version(' "12" ') == 12
    with pytest.raises(VersionNeededError):
        expected_version(" * ")
    with pytest.raises(InvalidError):
        expected_version('"' + "9" * 40 + '"')


def test_null_clears_and_what_is_left_out_stays(scene: Scene) -> None:
    scene.patch("services", 1, alert="Careful", phones=[{"number": "211"}])
    changed = scene.patch("services", 2, alert=None).json()

    assert (changed["alert"], changed["name"]) == (None, "Food parcels")
    assert [phone["number"] for phone in changed["phones"]] == ["211"]


def test_what_was_read_can_be_sent_back_and_changes_nothing(scene: Scene) -> None:
    full: dict[str, Any] = {
        "phones": [{"number": "211", "languages": [{"code": "es"}]}],
        "contacts": [{"name": "Desk"}],
        "schedules": [{"freq": "WEEKLY", "byday": "MO", "opens_at": "09:00", "closes_at": "17:00"}],
        "cost_options": [{"option": "All", "amount_cents": 0, "currency": "USD"}],
        "needs": ["food"],
    }
    shown = scene.patch("services", 1, **full).json()
    mine = {k: v for k, v in shown.items() if k not in ("id", "organization_id", "version",
                                                        "last_modified")}  # fmt: skip

    assert scene.patch("services", 2, **mine).json() == shown


@pytest.mark.parametrize("field", ["id", "organization_id", "source", "version", "last_modified"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_ours_to_keep_is_not_written(scene: Scene, kind: str, field: str) -> None:
    refused = scene.patch(kind, 1, **{field: str(uuid4())})

    assert paths_of(assert_problem(refused, 422, "invalid-input")) == {field}


def test_every_bad_field_of_every_part_is_named(scene: Scene) -> None:
    bad: dict[str, Any] = {
        "name": 7,
        "phones": [{"numbr": "211"}, {"number": None, "languages": [{"code": 1}]}, "211"],
        "minimum_age": "old",
    }
    refused = scene.patch("services", 1, **bad)
    assert paths_of(assert_problem(refused, 422, "invalid-input")) == {
        "name", "phones.0.numbr", "phones.1.languages.0.code", "phones.2", "minimum_age",
    }  # fmt: skip

    refused = scene.patch("services", 1, email="x", phones=[{"number": "1"}], url="ftp://a.example")
    assert paths_of(assert_problem(refused, 422, "invalid-input")) == {
        "email", "phones.0.number", "url",
    }  # fmt: skip


def test_the_same_post_twice_makes_one(scene: Scene) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    first, second = (
        scene.send("POST", scene.path("services"), json=NEW["services"], headers=key)
        for _ in range(2)
    )
    assert first.json() == second.json()
    other = scene.send("POST", scene.path("services"), json={"name": "Other"}, headers=key)
    assert_problem(other, 422, "idempotency-key-reused")


def test_a_service_that_is_not_listed_is_there_for_its_publishers(scene: Scene) -> None:
    scene.patch("services", 1, status="inactive")
    path = scene.path("services", scene.ids["services"])

    assert {who: scene.send("GET", path, who).status_code for who in scene.keys} == {
        who: 200 if who in OWN_EDITORS else 404 for who in scene.keys
    }
    assert scene.patch("services", 2, status="active").status_code == 200
    assert scene.client.get(path).status_code == 200


def test_a_change_is_undone_field_by_field(scene: Scene) -> None:
    scene.patch("services", 1, name="Other", alert="Careful")
    path = scene.path("services", scene.ids["services"])
    (change,) = scene.send("GET", f"{path}/history").json()["items"]
    undo = scene.path("changes", change["id"], "undo")
    one = {"resource_id": str(scene.ids["services"]), "field": "alert"}

    for bad in ({"field": "alert"}, {**one, "field": "url"}, {**one, "resource_id": str(uuid4())}):
        assert scene.send("POST", undo, json=bad).status_code == 422
    undone = scene.send("POST", undo, json=one).json()
    assert (undone["action"], [f["field"] for f in undone["fields"]]) == ("undo", ["alert"])
    assert_problem(scene.send("POST", undo, json={}), 409, "changed-since")
    assert scene.client.get(path).json()["name"] == "Other"


def test_history_comes_in_pages(scene: Scene) -> None:
    for version in range(1, 53):
        assert scene.patch("services", version, alert=f"Number {version}").status_code == 200
    path = f"{scene.path('services', scene.ids['services'])}/history"

    first = scene.send("GET", path).json()
    second = scene.send("GET", f"{path}?next={first['next']}").json()

    ids = [each["id"] for each in first["items"] + second["items"]]
    assert (len(first["items"]), len(set(ids)), second["next"]) == (50, 52, None)


@pytest.mark.parametrize("visibility", ["hidden", "area only"])
def test_a_hidden_place_is_told_to_nobody(scene: Scene, visibility: str) -> None:
    full: dict[str, Any] = {
        "name": "Canary House",
        "transportation": "Bus to the canary",
        "addresses": [ADDRESS],
        "phones": [{"number": "517-555-0177", "description": "canary line"}],
        "contacts": [{"name": "Canary Keeper"}],
        "accessibility": [{"description": "Canary ramp"}],
    }
    assert scene.patch("locations", 1, **full).status_code == 200
    scene.patch("service-at-locations", 1, description="Behind the canary")
    hidden = scene.patch("locations", 2, address_visibility=visibility)
    assert hidden.status_code == 200
    scene.patch("locations", 3, name="New Canary", contacts=[{"title": "Canary"}])
    refused = scene.patch("locations", 4, addresses=[ADDRESS])
    stale = scene.patch("locations", 1, name="x")

    pages = [hidden, refused, stale]
    for kind, record_id in scene.ids.items():
        for path in (kind, f"{kind}/{record_id}", f"{kind}/{record_id}/history"):
            pages += [scene.send("GET", f"/api/v1/{path}", who) for who in scene.keys]
    pages += [scene.client.get(f"/api/v1/search?q={word}") for word in ("canary", "food")]
    for page in pages:
        said = page.text + str(page.headers)
        assert "anary" not in said, page.url
        assert "555-0177" not in said, page.url


def test_imported_records_are_changed_too_and_keep_their_source(
    scene: Scene, database: Database
) -> None:
    with database.transaction() as session:
        service = session.get_one(Service, scene.ids["services"])
        service.source, service.source_id = "county", "17"

    assert scene.patch("services", 1, name="By hand").status_code == 200
    with database.reading() as session:
        kept = session.get_one(Service, UUID(str(scene.ids["services"])))
        assert (kept.source, kept.source_id, kept.name) == ("county", "17", "By hand")


# ----------------------------------------------------------------------------- areas served

INGHAM = '{"type": "Polygon", "coordinates": [[[-85, 42], [-84, 42], [-84, 43], [-85, 42]]]}'


def test_areas_served_may_be_names_or_a_polygon_and_are_searched_by_at_once(scene: Scene) -> None:
    areas = [
        {"extent": "48933 MI:Ingham_County"},
        {"extent": "OH", "extent_type": "text"},
        {"extent": INGHAM, "extent_type": "geojson"},
    ]

    said = scene.patch("services", service_areas=areas)

    told = [(each["extent"], each["extent_type"]) for each in said.json()["service_areas"]]
    assert sorted(told, key=str) == sorted(
        ((each["extent"], each.get("extent_type")) for each in areas), key=str
    )
    near, far = (
        scene.client.get(f"/api/v1/search?near={place}").json() for place in ("42.1,-84.1", "43604")
    )
    assert [hit["match"] for hit in near["results"] + far["results"]] == ["area", "area"]
    with scene.database.reading() as session:
        assert find_stale_services(session, now=NOON) == set()

    scene.patch("services", 2, service_areas=[])
    widened = scene.client.get("/api/v1/search?near=43604").json()
    assert [hit["match"] for hit in widened["results"]] == ["near"]
    history = scene.send("GET", scene.path("services", scene.ids["services"], "history")).json()
    (gone,) = [each["id"] for each in history["items"] if each["action"] == "delete"]
    undone = scene.send("POST", scene.path("changes", gone, "undo"), json={})
    assert undone.status_code == 201
    again = scene.client.get("/api/v1/search?near=43604").json()
    assert [hit["match"] for hit in again["results"]] == ["area"]
    with scene.database.reading() as session:
        assert find_stale_services(session, now=NOON) == set()


@pytest.mark.parametrize(
    ("area", "field", "words"),
    [
        (
            {"extent": INGHAM.replace("42]", "142]"), "extent_type": "geojson"},
            "extent",
            "from -90 to 90. The longitude comes first. coordinates[0][1]: Give a latitude",
        ),
        ({"extent": "{", "extent_type": "geojson"}, "extent", "this cannot be read as JSON"),
        ({"extent": INGHAM}, "extent_type", 'Give "geojson" with a polygon.'),
        ({"extent": INGHAM, "extent_type": "text"}, "extent_type", 'Give "geojson"'),
        ({"extent": "MI", "extent_type": "geojson"}, "extent", "Give a polygon as GeoJSON"),
        ({"extent": "MI", "extent_type": "kml"}, "extent_type", "Give one of: text, geojson."),
        ({"extent": "Ingham County"}, "extent", "such as 48933, MI or MI:Ingham_County"),
        ({"name": "x", "extent_type": "geojson"}, "extent", "Give a polygon as GeoJSON"),
    ],
)
def test_what_is_wrong_with_an_area_is_named(
    scene: Scene, area: dict[str, str], field: str, words: str
) -> None:
    refused = assert_problem(scene.patch("services", service_areas=[area]), 422, "invalid-input")

    assert paths_of(refused) == {f"service_areas.0.{field}"}
    assert words in refused["errors"][0]["message"]


def test_of_an_area_at_a_hidden_place_only_names_are_told(scene: Scene) -> None:
    areas = [
        {"extent": "48933", "description": "behind the canary"},
        {"extent": INGHAM, "extent_type": "geojson"},
    ]
    scene.patch("service-at-locations", service_areas=areas)
    path = scene.path("service-at-locations", scene.ids["service-at-locations"])
    public = scene.client.get(path).json()["service_areas"]
    scene.patch("locations", address_visibility="hidden", latitude=None, longitude=None)

    hidden = scene.client.get(path).json()["service_areas"]

    assert {each["extent"] for each in public} == {"48933", INGHAM}
    assert {(each["extent"], each["description"]) for each in hidden} == {
        ("48933", None),
        (None, None),
    }
