"""Whom a service is for, written over HTTP as a rule, and where it is told from then on."""

from typing import Any

import pytest

from directory.database import Database
from directory.eligibility_rules import parse_rule
from directory.index import find_stale_services
from directory.models import TABLES
from directory.search_rules import find_rules
from tests.api.conftest import assert_problem, paths_of
from tests.api.test_editing import Scene, scene
from tests.conftest import NOON

__all__ = ["scene"]

VETERAN = {"fact": "veteran", "is": True}
POOR = {"fact": "income_poverty_percent", "at_most": 200}
WRITTEN = {"all": [{"any": [{**POOR, "at_most": 200.0}]}, VETERAN, VETERAN]}
KEPT = {"all": [POOR, VETERAN]}


def shown(scene: Scene) -> dict[str, Any]:
    reply: dict[str, Any] = scene.client.get(scene.path("services", scene.ids["services"])).json()
    return reply


def searched(database: Database) -> list[Any]:
    """The rules that search rows name, once it is sure that they are what they should be."""
    with database.reading() as session:
        assert find_stale_services(session, now=NOON) == set()
        entries = TABLES["search_entry"]
        named = session.connection().execute(entries.select()).mappings()
        ids = {row["rule_id"] for row in named if row["rule_id"] is not None}
        return list(find_rules(session, ids).values())


def test_a_rule_is_written_kept_in_one_form_found_by_and_cleared(
    scene: Scene, database: Database
) -> None:
    changed = scene.patch("services", 1, eligibility_rule=WRITTEN)

    assert changed.status_code == 200
    assert changed.json()["eligibility_rule"] == shown(scene)["eligibility_rule"] == KEPT
    assert list(shown(scene)["eligibility_rule"]["all"][0]) == ["fact", "at_most"]
    assert searched(database) == [parse_rule(KEPT)]

    assert scene.patch("services", 2, alert="Careful").json()["eligibility_rule"] == KEPT
    assert scene.patch("services", 3, eligibility_rule=None).json()["eligibility_rule"] is None
    assert searched(database) == []


def test_a_new_service_has_its_rule_at_once(scene: Scene) -> None:
    new = {"name": "Coats", "eligibility_rule": WRITTEN}
    made = scene.send("POST", scene.path("services"), json=new)

    assert (made.status_code, made.json()["eligibility_rule"]) == (201, KEPT)


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ("adults", "eligibility_rule"),
        ([VETERAN], "eligibility_rule"),
        ({}, "eligibility_rule"),
        ({"all": []}, "eligibility_rule.all"),
        ({"all": [{"fact": "age", "at_least": "18"}]}, "eligibility_rule.all.0.at_least"),
        ({"all": [VETERAN, {"fact": "immigration"}]}, "eligibility_rule.all.1.fact"),
        ({**VETERAN, "why": "?"}, "eligibility_rule.why"),
        ({"fact": "age", "at_least": 10**400}, "eligibility_rule.at_least"),
    ],
)
def test_a_mistake_in_a_rule_is_named_by_its_path_and_nothing_is_half_done(
    scene: Scene, rule: Any, path: str
) -> None:
    new = {"name": "Coats", "eligibility_rule": rule}
    for refused in (
        scene.patch("services", 1, eligibility_rule=rule, alert="Careful"),
        scene.send("POST", scene.path("services"), json=new),
    ):
        assert paths_of(assert_problem(refused, 422, "invalid-input")) == {path}
    assert (shown(scene)["alert"], shown(scene)["version"]) == (None, 1)


def test_all_mistakes_come_at_once(scene: Scene) -> None:
    rule = {"any": [{"fact": "zip", "is": "4893"}, {"fact": "veteran", "is": 1}]}
    refused = scene.patch("services", 1, eligibility_rule=rule, email="x")

    assert paths_of(assert_problem(refused, 422, "invalid-input")) == {
        "email", "eligibility_rule.any.0.is", "eligibility_rule.any.1.is",
    }  # fmt: skip


def test_the_same_rule_again_changes_nothing(scene: Scene) -> None:
    scene.patch("services", 1, eligibility_rule=WRITTEN)
    assert scene.patch("services", 2, eligibility_rule=KEPT).json()["version"] == 2


def test_history_has_the_rule_and_undo_brings_it_back(scene: Scene, database: Database) -> None:
    scene.patch("services", 1, eligibility_rule=WRITTEN)
    scene.patch("services", 2, eligibility_rule=VETERAN, alert="Careful")
    path = scene.path("services", scene.ids["services"], "history")
    changes = scene.send("GET", path).json()["items"]
    (change,) = [each for each in changes if len(each["fields"]) == 2]
    one = {"resource_id": str(scene.ids["services"]), "field": "eligibility_rule"}

    undone = scene.send("POST", scene.path("changes", change["id"], "undo"), json=one)

    assert undone.status_code == 201
    assert (shown(scene)["eligibility_rule"], shown(scene)["alert"]) == (KEPT, "Careful")
    assert searched(database) == [parse_rule(KEPT)]
    again = scene.send("POST", scene.path("changes", undone.json()["id"], "undo"), json={})
    assert again.status_code == 201
    assert shown(scene)["eligibility_rule"] == VETERAN


def test_a_written_rule_is_told_as_hsds(scene: Scene) -> None:
    scene.patch("services", 1, eligibility_rule=WRITTEN)
    told = scene.client.get(f"/hsds/services/{scene.ids['services']}").json()

    assert told["openings"]["eligibility_rule"] == KEPT
