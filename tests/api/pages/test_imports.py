"""The account of imports, as administrators read it."""

from uuid import UUID, uuid4

import pytest

from directory.database import Database
from directory.hsds.report import ImportReport, Mend, Refusal
from directory.models.accounts import Role
from directory.models.imports import ImportOutcome, ImportRun
from tests.api.conftest import Client
from tests.conftest import NOON
from tests.factories import make_organization, sign_in


@pytest.fixture
def run(database: Database, client: Client) -> UUID:
    report = ImportReport("thistle", held_back=["Thistle Shelter"], notes=[("a.csv", "not read")])
    report.of("service").read = 3
    report.mend(Mend("service", "services.csv", 2, "status", "", "empty: taken as active"))
    for line in (3, 4):
        report.refuse(Refusal("service", "services.csv", line, "name", "<b>", "empty"))
    with database.transaction() as session:
        network = make_organization(session, "County Network").id
        applied = ImportRun(
            source="thistle",
            outcome=ImportOutcome.APPLIED,
            report=report.to_dict(),
            started_at=NOON,
            finished_at=NOON,
        )
        refused = ImportRun(
            source="bramble",
            outcome=ImportOutcome.REFUSED,
            reason="There is no folder called 'bramble' to import.",
            report={},
            started_at=NOON,
            finished_at=NOON,
        )
        session.add_all([applied, refused])
        found = applied.id
    sign_in(client, network, Role.ADMINISTRATOR)
    return found


def test_imports_are_listed_with_how_they_ended(client: Client, run: UUID) -> None:
    page = client.get("/network/imports").text

    assert f"/network/imports/{run}" in page
    assert "Refused; nothing was changed" in page
    assert "no folder called" in page
    assert "/network/imports" in client.get("/network").text


def test_an_import_says_what_was_refused_and_put_right_and_why(client: Client, run: UUID) -> None:
    page = client.get(f"/network/imports/{run}").text

    assert "2 &times; refused:" in page
    assert "1 &times; put right:" in page
    assert "services.csv, first in line 3, name: &lt;b&gt;" in page
    assert "Thistle Shelter" in page
    assert "a.csv: not read" in page
    assert ">service</th>" in page
    assert ">taxonomy_term</th>" not in page  # none came


def test_a_refused_import_has_a_page_and_an_unknown_one_has_not(client: Client, run: UUID) -> None:
    assert run is not None
    links = [part.split('"')[0] for part in client.get("/network/imports").text.split('href="')]
    pages = [link for link in links if link.startswith("/network/imports/")]
    assert len(pages) == 2
    assert all(client.get(link).status_code == 200 for link in pages)
    assert client.get(f"/network/imports/{uuid4()}").status_code == 404
