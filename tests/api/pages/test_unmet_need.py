"""What is missing, as administrators read it and take it to those who pay."""

import re

import pytest

from directory.database import Database
from directory.models.accounts import Role
from directory.small_cells import LEAST
from tests.api.conftest import Client
from tests.factories import make_organization, make_report, sign_in

PATH = "/network/unmet-need"


@pytest.fixture
def administrator(database: Database, client: Client) -> Client:
    with database.transaction() as session:
        network = make_organization(session, "County Network").id
    sign_in(client, network, Role.ADMINISTRATOR)
    return client


@pytest.fixture
def reader(administrator: Client, database: Database) -> Client:
    with database.transaction() as session:
        make_report(session)
    return administrator


def table_of(page: str) -> list[list[str]]:
    """The cells of the page's table, row by row."""
    rows = re.findall(r"<tr.*?</tr>", page, re.DOTALL)
    return [
        [
            " ".join(re.sub(r"<[^>]*>|&ndash;", " ", cell).split())
            for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)
        ]
        for row in rows
    ]


def test_page_says_what_is_missing_worst_first(reader: Client) -> None:
    page = reader.get(PATH).text

    assert "January to March 2030" in page
    assert "<strong>Dentist, Ingham County, MI</strong>: 45 searches found nothing." in page
    hidden = "not shown"
    assert table_of(page)[1:6] == [
        ["Dentist", "1,383", "83", hidden, "1,300", "94 %", "Costs too much: 45 Other reasons: 38"],
        ["Ingham County, MI", "1,345", "45", hidden, "1,300", "97 %"],
        ["Elsewhere, or no place given", "38", "38", hidden, hidden, hidden],
        ["Shelter tonight", "29", "29", hidden, hidden, hidden, "Full: 29"],
        ["Eaton County, MI", "29", "29", hidden, hidden, hidden],
    ]
    assert "fewer than 11 searches, perhaps none" in page


def test_no_small_number_is_on_the_page(reader: Client) -> None:
    page = reader.get(PATH).text
    told = [cell for row in table_of(page)[1:] for cell in row[1:5]]

    numbers = [int(cell.replace(",", "")) for cell in told if cell != "not shown"]
    assert numbers
    assert min(numbers) >= LEAST
    assert "Taxes and money" not in page


def test_an_older_quarter_and_its_file_are_a_link_away(reader: Client) -> None:
    assert f"{PATH}?quarter=2029-Q4" in reader.get(PATH).text
    older = reader.get(f"{PATH}?quarter=2029-Q4").text
    assert "October to December 2029" in older

    file = reader.get(f"{PATH}.csv?quarter=2029-Q4")

    assert f"{PATH}.csv?quarter=2029-Q4" in older
    assert file.headers["content-type"].startswith("text/csv")
    assert file.text.startswith("quarter,need,need_name,area,area_name,found,farther,not_found,")
    assert "2029-Q4,dental,Dentist,all,All places,1200,,83," in file.text


def test_page_and_file_are_there_in_spanish(reader: Client) -> None:
    reader.cookies.set("openings-language", "es")

    page = reader.get(PATH).text

    assert "Dentista" in page
    assert "De enero a marzo de 2030" in page
    assert "Cuesta demasiado: 45" in page
    assert "Dentista,all,Todos los lugares" in reader.get(f"{PATH}.csv").text


def test_quarter_without_a_report_is_refused_in_words(reader: Client) -> None:
    for path in (PATH, f"{PATH}.csv"):
        refused = reader.get(f"{path}?quarter=2031-Q1")

        assert refused.status_code == 422
        assert "2030-Q1, 2029-Q4" in refused.text


def test_before_the_first_report_the_page_says_when_it_comes(administrator: Client) -> None:
    page = administrator.get(PATH).text

    assert "There is no report yet. The next one is made on July 4, 2030." in page
    assert administrator.get(f"{PATH}.csv").status_code == 404


def test_network_page_leads_to_it(reader: Client) -> None:
    assert f'href="{PATH}"' in reader.get("/network").text


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR}))
def test_others_are_refused_and_told_nothing(
    reader: Client, database: Database, role: Role
) -> None:
    with database.transaction() as session:
        sign_in_at = make_organization(session, "Heron House").id
    sign_in(reader, sign_in_at, role)

    for path in (PATH, f"{PATH}.csv"):
        refused = reader.get(path)

        assert refused.status_code == 403
        assert "Your role does not include this." in refused.text
        assert "1,300" not in refused.text
