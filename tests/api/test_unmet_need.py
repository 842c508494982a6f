"""The report of unmet need, as software gets it."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest

from api.languages import language
from api.unmet_need_words import area_words, need_words, quarter_words
from directory.database import Database
from directory.models.accounts import Role
from directory.quarters import Quarter
from directory.small_cells import LEAST
from tests.api.conftest import Client, MakeKey, assert_problem
from tests.factories import make_report


@pytest.fixture
def reported(database: Database) -> None:
    with database.transaction() as session:
        make_report(session)


def numbers_in(value: Any) -> Iterator[int]:
    """Every number of a reply, but for shares of a hundred."""
    if isinstance(value, int):
        yield value
    for name, part in value.items() if isinstance(value, dict) else ():
        yield from () if name == "found_percent" else numbers_in(part)
    for part in value if isinstance(value, list) else ():
        yield from numbers_in(part)


@pytest.mark.usefixtures("reported")
def test_newest_quarter_is_answered_worst_first(client: Client, make_key: MakeKey) -> None:
    answer = client.get("/api/v1/unmet-need", headers=make_key()).json()

    assert (answer["quarter"], answer["first_day"], answer["last_day"]) == (
        *("2030-Q1", "2030-01-01", "2030-03-31"),
    )
    assert answer["quarters"] == ["2030-Q1", "2029-Q4"]
    needs = {each["need"]: each for each in answer["needs"]}
    assert list(needs) == ["dental", "shelter", "mental-health", "other"]
    dental = needs["dental"]
    assert dental["endings"] == {
        "searches": 1383,
        "found": 1300,
        "farther": None,
        "not_found": 83,
        "found_percent": 94,
    }
    assert dental["reasons"] == {
        "cost": 45,
        "other": 38,
        "nothing": None,
        "closed": None,
        "full": None,
        "language": None,
        "not_eligible": None,
    }
    assert [(each["area"], each["endings"]["not_found"]) for each in dental["areas"]] == [
        ("MI:Ingham_County", 45),
        (None, 38),
    ]
    assert min(numbers_in(answer)) >= LEAST


@pytest.mark.usefixtures("reported")
def test_another_quarter_is_answered_by_its_name(client: Client, make_key: MakeKey) -> None:
    older = client.get("/api/v1/unmet-need?quarter=2029-Q4", headers=make_key()).json()

    assert (older["quarter"], older["endings"]["found"]) == ("2029-Q4", 1226)


@pytest.mark.usefixtures("reported")
@pytest.mark.parametrize("path", ["/api/v1/unmet-need", "/api/v1/unmet-need.csv"])
def test_quarter_that_is_not_over_is_refused_with_those_that_are(
    client: Client, make_key: MakeKey, path: str
) -> None:
    for quarter in ("2030-Q2", "last year"):
        refused = client.get(path, params={"quarter": quarter}, headers=make_key())

        problem = assert_problem(refused, 422, "invalid-input")
        assert problem["errors"][0]["path"] == "quarter"
        assert "2030-Q1, 2029-Q4" in problem["detail"]


@pytest.mark.parametrize("path", ["/api/v1/unmet-need", "/api/v1/unmet-need.csv"])
def test_only_administrators_may_see_it_and_others_are_told(
    client: Client, make_key: MakeKey, path: str
) -> None:
    assert_problem(client.get(path), 401, "sign-in-needed")
    for role in set(Role) - {Role.ADMINISTRATOR}:
        assert_problem(client.get(path, headers=make_key(role)), 403, "forbidden")
    assert_problem(client.get(path, headers=make_key()), 404, "no-report-yet")


@pytest.mark.usefixtures("reported")
def test_csv_has_the_same_numbers(client: Client, make_key: MakeKey) -> None:
    answer = client.get("/api/v1/unmet-need.csv", headers=make_key())

    assert answer.headers["content-type"].startswith("text/csv")
    assert "unmet-need-2030-Q1.csv" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(StringIO(answer.text)))
    assert [(row["need"], row["area"], row["not_found"], row["cost"]) for row in rows[:3]] == [
        ("dental", "all", "83", "45"),
        ("dental", "MI:Ingham_County", "45", None),
        ("dental", "elsewhere", "38", None),
    ]
    assert rows[1]["area_name"] == "Ingham County, MI"
    told = [int(cell) for row in rows for cell in row.values() if cell and cell.isdigit()]
    assert min(told) >= LEAST


@pytest.mark.parametrize(
    ("area", "english", "spanish"),
    [
        ("MI:St._Clair_County", "St. Clair County, MI", "St. Clair County, MI"),
        ("489", "ZIP codes that begin with 489", "Códigos postales que empiezan por 489"),
        ("MI", "Michigan, no county kept", "Michigan, sin guardar el condado"),
        ("", "Elsewhere, or no place given", "En otra parte, o sin decir dónde"),
    ],
)
def test_areas_are_said(area: str, english: str, spanish: str) -> None:
    assert area_words(area, language("en")) == english
    assert area_words(area, language("es")) == spanish


def test_needs_and_quarters_are_said() -> None:
    assert need_words("dental", language("es")) == "Dentista"
    assert need_words("words", language("en")) == "Looked for by words of their own"
    assert need_words("a need of before", language("en")) == "a need of before"
    assert quarter_words(Quarter(2030, 2), language("en")) == "April to June 2030"
    assert quarter_words(Quarter(2030, 4), language("es")) == "De octubre a diciembre de 2030"
