"""Other people's taxonomies, our everyday needs, and the words that people use for them."""

import json
import os
import re
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from directory.commands.needs import ensure_needs
from directory.commands.taxonomies import add_mappings, load_taxonomies, refresh_tagged
from directory.database import Database, find_rows
from directory.errors import InvalidError
from directory.hsds.load import import_directory
from directory.index import refresh_services
from directory.models.services import ServiceAtLocation
from directory.models.taxonomies import Attribute, Taxonomy, TaxonomyTerm
from directory.need_words import NEED_WORDS
from directory.needs import EVERYDAY_NEEDS, NEEDS_BY_CODE
from directory.offers import entries
from directory.queries.needs import find_codes
from directory.search import search
from directory.search_query import SearchQuery
from directory.taxonomy_file import parents_first, read_taxonomies
from directory.taxonomy_mappings import mapping_for, read_mapping
from directory.term_closure import mappings, terms
from geo.gazetteer import get_zip
from tests.conftest import NOON
from tests.factories import make_offer

MAPPINGS = Path(__file__).parents[2] / "directory" / "taxonomy_mappings"


def shared(path: str) -> Path:
    folder = os.environ.get("OPENINGS_SHARED")
    if not folder:
        pytest.skip("OPENINGS_SHARED does not say where real taxonomies are")
    return Path(folder) / path


def write(tmp_path: Path, rows: Any, name: str = "terms.json") -> Path:
    path = tmp_path / name
    path.write_text(rows if isinstance(rows, str) else json.dumps(rows))
    return path


def term(code: str, parent: str | None = None, **more: Any) -> dict[str, Any]:
    named = {"id": f"id-{code}", "code": code, "name": f"Name of {code}", "taxonomy": "Elsewhere"}
    return {**named, **({"parent_id": f"id-{parent}"} if parent else {}), **more}


def load(session: Session, path: Path, **options: Any) -> list[Any]:
    read = read_taxonomies(path, usual_name="Taxonomy of a test")
    return load_taxonomies(session, read, source="test", now=NOON, **options)


def tag(session: Session, offer: ServiceAtLocation, code: str) -> None:
    (found,) = find_rows(session, sa.select(terms.c.id).where(terms.c.code == code))
    session.add(
        Attribute(link_entity="service", link_id=offer.service_id, taxonomy_term_id=found["id"])
    )
    refresh_services(session, [offer.service_id], now=NOON)


def needs_of(session: Session, offer: ServiceAtLocation) -> set[str]:
    (row,) = find_rows(session, sa.select(entries.c.needs).where(entries.c.id == offer.id))
    return set(row["needs"].split())


def names_found(session: Session, **asked: Any) -> set[str]:
    answer = search(session, SearchQuery(limit=100, **asked), now=NOON)
    return {hit.entry["service_name"] for hit in answer.hits}


MAPPED = [term("F"), term("F-1", "F"), term("F-1-1", "F-1"), term("H")]


def test_a_term_and_all_below_it_mean_its_needs_and_what_is_above_those(
    session: Session, tmp_path: Path
) -> None:
    mapping = write(tmp_path, "code,needs\nF-1,food-pantry\n", "mapping.csv")
    load(session, write(tmp_path, MAPPED), mapping=read_mapping(mapping))
    leaf, parent, top = (make_offer(session, name=code) for code in ("F-1-1", "F-1", "F"))
    for offer, code in ((leaf, "F-1-1"), (parent, "F-1"), (top, "F")):
        tag(session, offer, code)

    assert needs_of(session, leaf) == {"F-1-1", "F-1", "F", "food-pantry", "food"}
    assert names_found(session, needs=["food"]) == {"F-1-1", "F-1"}
    assert names_found(session, needs=["food-pantry", "dental"]) == {"F-1-1", "F-1"}
    assert names_found(session, needs=["F"]) == {"F-1-1", "F-1", "F"}


def test_a_mapping_that_comes_later_is_seen_by_searches(session: Session, tmp_path: Path) -> None:
    path = write(tmp_path, MAPPED)
    load(session, path)
    offer = make_offer(session)
    tag(session, offer, "F-1-1")
    before = names_found(session, needs=["food"])
    mapping = read_mapping(write(tmp_path, "code,needs\nF,food\n", "mapping.csv"))

    (counts,) = load(session, path, mapping=mapping)
    (again,) = load(session, path, mapping=mapping)

    assert (counts.added, counts.changed, counts.unchanged, counts.mapped) == (0, 0, 4, 1)
    assert again.mapped == 0
    assert before == set()
    assert names_found(session, needs=["food"]) == {"Food parcels"}


def test_a_renamed_term_is_found_by_its_new_name(session: Session, tmp_path: Path) -> None:
    load(session, write(tmp_path, MAPPED))
    tag(session, make_offer(session), "F-1-1")

    (counts,) = load(session, write(tmp_path, [*MAPPED[:1], term("F-1", "F", name="Quinces")]))

    assert (counts.changed, counts.unchanged) == (1, 1)
    assert names_found(session, words="quinces") == {"Food parcels"}
    assert len(find_rows(session, sa.select(terms).where(terms.c.taxonomy == "Elsewhere"))) == 4


def test_codes_of_211_stay_opaque(session: Session, tmp_path: Path) -> None:
    """BD looks like the parent of BD-1800.2000; only the file can say so."""
    rows = [term("BD"), term("BD-1800.2000", term_uri="https://taxonomy.example/BD-1800.2000")]
    load(session, write(tmp_path, rows))
    offer = make_offer(session)
    tag(session, offer, "BD-1800.2000")

    (row,) = find_rows(session, sa.select(terms).where(terms.c.code == "BD-1800.2000"))

    assert row["parent_id"] is None
    assert row["term_uri"] == "https://taxonomy.example/BD-1800.2000"
    assert needs_of(session, offer) == {"BD-1800.2000"}
    assert names_found(session, needs=["BD-1800.2000"]) == {"Food parcels"}


@pytest.mark.parametrize("code", ["food", "x food y", "food\ny"])
def test_another_taxonomys_food_is_not_ours(session: Session, tmp_path: Path, code: str) -> None:
    ensure_needs(session)
    load(session, write(tmp_path, [term(code, name="Cattle feed")]))
    offer = make_offer(session)
    (found,) = find_rows(session, sa.select(terms.c.id).where(terms.c.name == "Cattle feed"))
    session.add(
        Attribute(link_entity="service", link_id=offer.service_id, taxonomy_term_id=found["id"])
    )
    refresh_services(session, [offer.service_id], now=NOON)

    assert names_found(session, needs=["food"]) == set()
    assert search(session, SearchQuery(), now=NOON).needs["food"] == 0


def test_a_code_with_spaces_can_be_asked_for(session: Session, tmp_path: Path) -> None:
    load(session, write(tmp_path, [term("1206/Two words")]))
    tag(session, make_offer(session), "1206/Two words")

    assert names_found(session, needs=["1206/Two words"]) == {"Food parcels"}


def test_needs_that_go_round_in_the_database_end(session: Session) -> None:
    """No import makes a circle; an administrator with a database console can."""
    taxonomy = Taxonomy(name="Round")
    session.add(taxonomy)
    session.flush()
    here, there = uuid4(), uuid4()
    for id_, code in ((here, "here"), (there, "there")):
        session.add(TaxonomyTerm(id=id_, code=code, name=code, taxonomy_id=taxonomy.id))
    session.flush()
    for id_, parent in ((here, there), (there, here)):
        session.connection().execute(
            sa.update(terms).where(terms.c.id == id_).values(parent_id=parent)
        )
    offer = make_offer(session)
    tag(session, offer, "here")

    assert needs_of(session, offer) == {"here", "there"}
    assert refresh_tagged(session, {there}, now=NOON) == 1


# --------------------------------------------------------------------------------- the files


def test_a_code_that_comes_twice_is_kept_apart_and_said(tmp_path: Path) -> None:
    rows = [term("1206", id="a"), term("1206", id="b", parent_id="a", name="Child")]

    (taxonomy,) = read_taxonomies(write(tmp_path, rows), usual_name="")

    assert [each.code for each in taxonomy.terms.values()] == ["1206", "1206/Child"]
    assert taxonomy.notes == ["code 1206 comes again: kept as 1206/Child"]


@given(parents=st.lists(st.integers(-1, 12), min_size=1, max_size=10))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_circles_and_missing_parents_are_cut_and_parents_come_first(
    tmp_path: Path, parents: list[int]
) -> None:
    rows = [
        {"id": f"{n}", "code": f"{n}", "name": "x", "parent_id": f"{parent}" if parent >= 0 else ""}
        for n, parent in enumerate(parents)
    ]

    (taxonomy,) = read_taxonomies(write(tmp_path, rows), usual_name="T")
    ordered = list(parents_first(taxonomy))

    seen: set[str] = set()
    for each in ordered:
        assert not each.parent or each.parent in seen
        seen.add(each.key)
    assert len(ordered) == len(parents)
    cut = sum(1 for each in ordered if not each.parent and parents[int(each.key)] >= 0)
    assert cut == len(taxonomy.notes)


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        ("[" * 200_000, "t.json", "not JSON that we can read"),
        ("{}", "t.json", "a list of taxonomy terms"),
        ("[]", "t.json", "no terms"),
        ("[7]", "t.json", "terms.0: Give an object."),
        ('[{"name": "x"}]', "t.json", "terms.0.code: Give a code or an id."),
        ('[{"id": "x"}]', "t.json", "terms.0.name: Give a name."),
        ('[{"id": "x", "name": "n"}, {"id": "x", "name": "n"}]', "t.json", "terms.1.id: Another"),
        ('[{"id": "x", "name": "n", "code": "' + "x" * 81 + '"}]', "t.json", "at most 80 letters"),
        ("id,code\n1,2\n", "t.csv", "terms.0.name: Give a name."),
        ('id,name\n1,"' + "x" * 2_000_000 + '"\n', "t.csv", "not CSV that we can read"),
    ],
)
def test_a_file_that_is_no_taxonomy_is_refused_and_told_why(
    tmp_path: Path, content: str, name: str, words: str
) -> None:
    with pytest.raises(InvalidError, match=re.escape(words)):
        read_taxonomies(write(tmp_path, content, name), usual_name="T")


def test_terms_come_as_a_page_or_csv_too(tmp_path: Path) -> None:
    page = write(tmp_path, {"contents": [term("a"), term("b", "a")]})
    ohana = write(tmp_path, "taxonomy_id,name,parent_id,parent_name\n1,A,,\n1-1,B,1,A\n", "t.csv")

    (by_page,) = read_taxonomies(page, usual_name="T")
    (by_csv,) = read_taxonomies(ohana, usual_name="T")

    assert [each.parent for each in by_page.terms.values()] == ["", "id-a"]
    assert [(each.code, each.parent) for each in by_csv.terms.values()] == [("1", ""), ("1-1", "1")]


def test_nobody_imports_over_our_own_needs(session: Session, tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match="our own list"):
        load(session, write(tmp_path, [term("food", taxonomy="Everyday needs")]))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("need,code\n", "line 1"),
        ("code,needs\nA,fod\n", "line 2: There is no need called fod."),
        ("code,needs\nA,\n", "line 2"),
        ("code,needs\nA,food\nA,food\n", "line 3"),
    ],
)
def test_a_mapping_with_a_mistake_is_refused_by_line(
    tmp_path: Path, content: str, words: str
) -> None:
    with pytest.raises(InvalidError, match=words):
        read_mapping(write(tmp_path, content, "m.csv"))


@pytest.mark.parametrize("name", ["open_eligibility.csv", "keywords.csv"])
def test_our_mappings_hold_codes_and_nothing_of_the_taxonomy_itself(name: str) -> None:
    codes = re.compile(r"\d{4}|\d{3}(-\d{2}){0,3}|keyword-[a-z0-9-]+")

    found = read_mapping(MAPPINGS / name)

    assert found
    assert all(codes.fullmatch(code) for code in found)


def test_a_mapping_is_chosen_by_name_or_address() -> None:
    assert mapping_for("Open Eligibility 2.0 - services", None)["1130"] == ("food-pantry",)
    assert mapping_for("OE", "http://openeligibility.org")["102-04"] == ("food-pantry",)
    assert mapping_for("Something else", None) == {}


# --------------------------------------------------------------------------------- the words


def test_every_need_has_words_in_both_languages() -> None:
    assert NEED_WORDS.keys() == NEEDS_BY_CODE.keys()
    for code, by_language in NEED_WORDS.items():
        for language, words in by_language.items():
            assert len(set(words)) == len(words) >= 6, (code, language)
            assert all(words)
            assert max(map(len, words)) <= 120


@pytest.mark.parametrize("word", ["diapers", "PANALES", "pañal", "formula"])
def test_a_service_is_found_by_the_words_people_use(session: Session, word: str) -> None:
    ensure_needs(session)
    offer = make_offer(session, name="Cradle closet", needs=["baby-supplies"])

    assert names_found(session, words=word) == {"Cradle closet"}
    assert offer is not None


def test_words_and_codes_mean_needs(session: Session) -> None:
    ensure_needs(session)
    ensure_needs(session)  # a second time adds nothing

    found = find_codes(session, ["food", "Pañales", "panales", "food pantry", "Cama", "nonsense"])

    assert found == {
        "food": ("food",),
        "Pañales": ("baby-supplies",),
        "panales": ("baby-supplies",),
        "food pantry": ("food-pantry",),
        "Cama": ("furniture",),
        "nonsense": (),
    }


# ---------------------------------------------------------------------------------- real ones


def test_open_eligibility_arrives_whole_with_its_hierarchy_and_means_our_needs(
    session: Session,
) -> None:
    path = shared("taxonomy/openeligibility-v2.hsds.json")

    services, situations = load(session, path)
    again = load(session, path)
    chain = _chain(session, "1153")

    assert (services.added, situations.added) == (291, 94)
    assert services.mapped > 150
    assert situations.mapped == 0
    assert [(each.added, each.changed, each.mapped) for each in again] == [(0, 0, 0)] * 2
    assert chain == ["1153", "1152", "1145", "1103"]
    tag(session, make_offer(session, name="Pantry"), "1128")
    tag(session, make_offer(session, name="Checks"), "1206/Primary Care")
    assert names_found(session, needs=["food-pantry"]) == {"Pantry"}
    assert names_found(session, needs=["health"]) == {"Checks"}


def _chain(session: Session, code: str) -> list[str]:
    rows = {row["id"]: row for row in find_rows(session, sa.select(terms))}
    (at,) = [row for row in rows.values() if row["code"] == code]
    found = [at["code"]]
    while at["parent_id"] is not None:
        at = rows[at["parent_id"]]
        found.append(at["code"])
    return found


def test_food_is_found_in_an_imported_directory_by_what_its_agencies_said(
    database: Database,
) -> None:
    path = shared("data/ohana-sample-smc")
    with database.transaction() as session:
        import_directory(session, path, source="smc", now=NOON, find_zip=get_zip)

    with database.reading() as session:
        answer = search(session, SearchQuery(needs=["food"], limit=100), now=NOON)
        found = {hit.entry["service_name"] for hit in answer.hits}
        by_code = names_found(session, needs=["108-05-01"])
        rides = names_found(session, needs=["transport"])

    assert found >= {
        "Meals on Wheels - South County",
        "Fair Oaks Adult Activity Center",
        "Little House Recreational Activities",
        "Redwood City Corps",
        "Sunnyvale Corps",
        "South San Francisco Citadel Corps",
    }
    assert not found & {"Main Library", "San Mateo Free Medical Clinic", "Project Smile"}
    assert by_code == rides == {"Passport Photos"}


def test_mappings_are_added_once(session: Session) -> None:
    taxonomy = Taxonomy(name="Open Eligibility")
    session.add(taxonomy)
    session.flush()
    session.add(TaxonomyTerm(code="102-04", name="x", taxonomy_id=taxonomy.id))
    session.flush()

    first, second = add_mappings(session), add_mappings(session)

    assert len(first) == 1
    assert second == set()
    assert [row["need_id"] for row in find_rows(session, sa.select(mappings))] == [
        UUID(str(ensure_needs(session)["food-pantry"]))
    ]
    assert {need.code for need in EVERYDAY_NEEDS} == NEEDS_BY_CODE.keys()
