"""Two real directories, where the environment says where they are, served as the standard wants."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from directory.database import Database
from directory.hsds.load import import_directory
from geo.gazetteer import get_zip
from tests.api.hsds.conftest import served
from tests.api.hsds.standard import ENDPOINTS
from tests.api.hsds.walk import mistakes_in
from tests.conftest import NOON
from tests.directory.hsds.test_real_directories import shared


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "empty"),
    [
        ("ilao-illinois-hsds1", {"taxonomies", "taxonomy_terms"}),
        ("ohana-sample-smc", set()),
    ],
)
def test_every_answer_is_as_the_official_schemas_want_it(
    database: Database, tmp_path: Path, name: str, empty: set[str]
) -> None:
    source = shared("data", name)
    with database.transaction() as session:
        import_directory(session, source, source=name, now=NOON, find_zip=get_zip)
    judged: dict[str, int] = {}
    wrong: Counter[Any] = Counter()
    with served(database, tmp_path) as client:
        for noun in ENDPOINTS:
            judged[noun], mistakes = mistakes_in(client, noun)
            wrong.update({(noun, mistake): many for mistake, many in mistakes.items()})

    assert wrong == Counter()
    assert {noun for noun, many in judged.items() if not many} == empty
