"""Words of a search: the same by each database's index as by looking; typos; what is left out."""

import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from directory import search_text
from directory.commands.needs import ensure_needs
from directory.database import Database, find_rows
from directory.folding import fold
from directory.index import refresh_services
from directory.models import TABLES
from directory.models.locations import AddressVisibility, Location
from directory.models.services import Service
from directory.offers import entries, search_areas
from directory.queries.needs import find_words_alike
from directory.search_query import SearchQuery, Sort
from directory.search_text import indexed, looked_for, text_of, words_of
from directory.search_upkeep import count_index_mistakes
from directory.search_words import Correction, correct, read_words
from geo.places import Place
from geo.points import Point
from tests.conftest import NOON
from tests.directory.engines import search
from tests.factories import LANSING, make_offer, make_organization

vocabulary = TABLES["search_word"]

HERE = Place("here", Point(*LANSING), "48933", "", "Ingham County", "MI", "America/Detroit", "zip")

SEVERAL = settings(
    max_examples=settings().max_examples // 2,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def names(session: Session, words: str, **asked: Any) -> list[str]:
    answer = search(session, SearchQuery(words=words, limit=100, **asked), now=NOON)
    assert answer.total == len(answer.hits)
    return [hit.entry["service_name"] for hit in answer.hits]


def offers(session: Session, *named: str, **fields: Any) -> None:
    organization = make_organization(session, "Heron")
    for name in named:
        make_offer(session, name=name, organization=organization, **fields)


# ------------------------------------------------------------------- the index and plain looking

ODD = st.sampled_from(
    (
        *(
            "food",
            "foodbank",
            "Foo",
            "f",
            "a_b",
            "_",
            "__",
            "a%b",
            "O'Brien",
            "l\u2019eau",
            "d''",
        ),
        *(
            "مساعدة",
            "غذاء",
            "食物",
            "食物银行",
            "їжа",
            "Éclair",
            "ÉCLAIR",
            "straße",
            "ﬁsh",
            "Ⅻ",
            "x²",
        ),
        *("😀", "😀food", "a😀b", '"quoted"', "back\\slash", "':*", "&|!()", "NOT", "AND", "NEAR"),
        *("48933", "4", "٤٨", "1,000", "a.b", "a-b", "कि", "𞤀𞤣", "𐐀", "\u0345", "İstanbul"),
        *("w" * 199, "w" * 200, "w" * 201, "é" * 201 + "a", "é" * 201 + "b", "食" * 3000),
    )
)
TEXTS = st.lists(ODD | st.text(max_size=8), max_size=6).map(" ".join)


@pytest.fixture
def pattern(session: Session) -> dict[str, Any]:
    """A search row, to make others like it."""
    make_offer(session, point=None)
    (row,) = find_rows(session, sa.select(entries))
    return {**row, "service_at_location_id": None}


@contextmanager
def rows_with(
    session: Session, pattern: dict[str, Any], texts: Sequence[tuple[str, str, str]]
) -> Iterator[dict[UUID, str]]:
    with session.begin_nested() as savepoint:
        rows = [
            {**pattern, "id": uuid4(), "text": text_of(*([part] for part in parts))}
            for parts in texts
        ]
        if rows:
            session.connection().execute(sa.insert(entries), rows)
        yield {row["id"]: row["text"] for row in rows}
        savepoint.rollback()


def found(session: Session, conditions: Sequence[sa.ColumnElement[bool]]) -> set[UUID]:
    selected = sa.select(entries.c.id).where(*conditions)
    return set(session.connection().execute(selected).scalars())


@SEVERAL
@given(texts=st.lists(st.tuples(TEXTS, TEXTS, TEXTS), max_size=5), asked=TEXTS, also=TEXTS)
@example(texts=[("é" * 201 + "a", "", "")], asked="é" * 201 + "b", also="")
@example(texts=[("", "", "😀 '"), ("_", "a_b", "")], asked="_", also="")
@example(texts=[("a'b", "", "")], asked="a'b:* & \\ \"", also="")
def test_the_index_finds_what_looking_at_every_text_finds(
    session: Session,
    pattern: dict[str, Any],
    texts: list[tuple[str, str, str]],
    asked: str,
    also: str,
) -> None:
    words = [[typed] for typed in words_of(asked)]
    if words and fold(also):
        words[0] = [*words[0], *words_of(also)]
    with rows_with(session, pattern, texts) as written:
        expected = {
            id_
            for id_, text in written.items()
            if all(
                any(word.startswith(each) for word in text.split() for each in readings)
                for readings in words
            )
        }
        if not words:
            return
        by_index = found(session, [indexed(session, words)]) - {pattern["id"]}
        by_looking = found(session, looked_for(words)) - {pattern["id"]}
        assert count_index_mistakes(session) == 0

    assert by_index == by_looking == expected


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_letter_of_every_script_belongs_to_its_word(
    session: Session, pattern: dict[str, Any]
) -> None:
    """PostgreSQL splits nothing by itself; of SQLite's tokenizers only "ascii" does not."""
    words = [fold(f"a{chr(point)}b") for point in range(0x80, sys.maxunicode)]
    words = [word for word in dict.fromkeys(words) if not word.isascii() and " " not in word]
    some = range(0, len(words), 5_000)
    texts = [(" ".join(words[start : start + 5_000]), "", "") for start in some]

    with rows_with(session, pattern, texts) as written:
        assert sum(len(text.split()) for text in written.values()) == len(words) > 100_000
        assert count_index_mistakes(session) == 0


def test_a_word_of_the_tai_lue_is_found(session: Session) -> None:
    """Its vowel signs are letters to us, and part words for SQLite's tokenizer "unicode61"."""
    offers(session, "ᦅᧄᦺᦑᦟᦹᧉ", "ᦅᧄᦺᦑ")

    assert names(session, "ᦅᧄᦺᦑᦟᦹᧉ") == ["ᦅᧄᦺᦑᦟᦹᧉ"]
    assert names(session, "ᦅᧄᦺᦑ") == ["ᦅᧄᦺᦑ", "ᦅᧄᦺᦑᦟᦹᧉ"]


def test_near_a_place_common_words_are_looked_for_and_rare_ones_looked_up(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    offers(session, "Soup", "Soup and bread", "Bread")

    def ask() -> tuple[list[str], bool]:
        with statements(session) as sent:
            answered = names(session, "soup", origin=HERE)
        return answered, any("search_entry.text LIKE" in statement for statement, _ in sent)

    assert ask() == (["Soup", "Soup and bread"], False)
    monkeypatch.setattr(search_text, "FEW", 1)
    assert ask() == (["Soup", "Soup and bread"], session.get_bind().dialect.name == "sqlite")


def test_the_longest_query_is_answered(session: Session) -> None:
    offers(session, "Soup")
    many = " ".join(chr(ord("一") + n) for n in range(100))
    squeezed = "".join(chr(0x3250 + n) for n in range(200))  # each is several letters, or words

    for sort in Sort:
        assert names(session, many, sort=sort) == []
        assert names(session, squeezed, sort=sort) == []
    assert names(session, "soup " * 40) == ["Soup"]


@contextmanager
def statements(session: Session) -> Iterator[list[tuple[str, Any]]]:
    """Collect what is sent to the database, with its parameters."""
    seen: list[tuple[str, Any]] = []

    def collect(_1: Any, _2: Any, statement: str, parameters: Any, *_3: Any) -> None:
        seen.append((statement, parameters))

    engine = session.get_bind()
    sa.event.listen(engine, "before_cursor_execute", collect)
    yield seen
    sa.event.remove(engine, "before_cursor_execute", collect)


def plan(session: Session, statement: str, parameters: Any) -> str:
    sqlite = session.get_bind().dialect.name == "sqlite"
    explain = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
    rows = session.connection().exec_driver_sql(explain + statement, parameters).all()
    return "\n".join(str(row[-1]) for row in rows)


def test_words_without_a_place_are_looked_up_and_no_row_is_scanned(
    session: Session, pattern: dict[str, Any]
) -> None:
    others = [{**pattern, "id": uuid4(), "text": text_of([], ["otters"], [])} for _ in range(3000)]
    session.connection().execute(sa.insert(entries), others)
    sqlite = session.get_bind().dialect.name == "sqlite"
    if not sqlite:
        session.connection().exec_driver_sql("ANALYZE search_entry")
        # As autovacuum does. A long list of what is not yet indexed makes a scan cheaper.
        session.connection().exec_driver_sql(
            "SELECT gin_clean_pending_list('ix_search_entry_words')"
        )

    with statements(session) as sent:
        assert names(session, "food par") == ["Food parcels"]

    plans = [plan(session, *each) for each in sent if "FROM search_entry" in each[0]]
    assert len(plans) >= 3
    for each in plans:
        assert "Seq Scan" not in each
        assert "SCAN search_entry" not in each
        assert "VIRTUAL TABLE INDEX" in each if sqlite else "on ix_search_entry_words" in each


def test_the_index_follows_every_change_of_a_row(session: Session, pattern: dict[str, Any]) -> None:
    mine = entries.c.id == pattern["id"]
    for text in (" otter ", " heron ", "  "):
        session.connection().execute(sa.update(entries).where(mine).values(text=text))
        for word in ("otter", "heron"):
            assert bool(found(session, [indexed(session, [[word]])])) == (word in text)
    session.connection().execute(
        sa.delete(search_areas).where(search_areas.c.entry_id == pattern["id"])
    )
    session.connection().execute(sa.update(entries).where(mine).values(id=uuid4(), text=" ibis "))
    assert pattern["id"] not in found(session, [indexed(session, [["ibis"]])])
    assert len(found(session, [indexed(session, [["ibis"]])])) == 1

    session.connection().execute(sa.delete(entries))

    assert found(session, [indexed(session, [["ibis"]])]) == set()


# --------------------------------------------------------------------------------------- typos


@pytest.mark.parametrize("typed", ["diaperz", "dipaers", "daipers", "DIAPERSS!", "diapres"])
def test_a_misspelt_word_finds_what_the_right_one_finds_and_says_so(
    session: Session, typed: str
) -> None:
    offers(session, "Diapers and wipes", "Soup")

    answer = search(session, SearchQuery(words=typed), now=NOON)

    assert [hit.entry["service_name"] for hit in answer.hits] == ["Diapers and wipes"]
    assert answer.corrected == (Correction(fold(typed), ("diapers",)),)


@pytest.mark.parametrize("typed", ["diap", "soup", "and", "soupx soup", "suop2", "sou", "sop"])
def test_what_begins_a_word_is_short_or_has_digits_is_not_corrected_to_something_else(
    session: Session, typed: str
) -> None:
    offers(session, "Diapers and wipes", "Soup")

    corrected = search(session, SearchQuery(words=typed), now=NOON).corrected

    assert [each.word for each in corrected] == (["soupx"] if "soupx" in typed else [])


def test_words_as_near_are_all_looked_for(session: Session) -> None:
    offers(session, "Bread", "Tread", "Dread", "Bed")

    answer = search(session, SearchQuery(words="xread"), now=NOON)

    assert answer.corrected == (Correction("xread", ("bread", "dread", "tread")),)
    assert answer.total == 3


def test_of_near_words_those_are_meant_that_stand_beside_the_others(session: Session) -> None:
    offers(session, "Bread kitchen", "Tread wheels")

    assert names(session, "xread wheels") == ["Tread wheels"]
    assert names(session, "xread wheelz") == ["Tread wheels"]
    assert correct(session, "xread otters") == (Correction("xread", ("bread", "tread")),)


def test_a_further_word_beside_the_others_is_meant_before_a_near_one_elsewhere(
    session: Session,
) -> None:
    offers(session, "Groceries", "Grocers wheels")

    assert correct(session, "grocerie wheels") == ()  # it begins a word
    assert correct(session, "grocerzes wheels") == (Correction("grocerzes", ("grocers",)),)
    assert correct(session, "grocerzes") == (Correction("grocerzes", ("groceries",)),)


def test_a_word_for_a_need_is_right_even_where_nothing_has_it(session: Session) -> None:
    offers(session, "Diaperz", "Panalez")

    assert correct(session, "diapers") == ()
    assert correct(session, "panales") == ()
    assert correct(session, "diapersz") == (Correction("diapersz", ("diaperz",)),)


def test_words_that_are_gone_neither_correct_nor_are_corrected_to(
    session: Session,
) -> None:
    """Else the vocabulary would tell what a hidden place was called."""
    offers(session, "Soup kitchen")
    offer = make_offer(session, name="Shelter")
    location = session.get_one(Location, offer.location_id)
    location.name = "Nightjarhouse"
    refresh_services(session, [offer.service_id], now=NOON)
    assert correct(session, "nightjarhousy") == (Correction("nightjarhousy", ("nightjarhouse",)),)

    location.address_visibility = AddressVisibility.HIDDEN
    location.latitude = location.longitude = None
    refresh_services(session, [offer.service_id], now=NOON)
    make_offer(session, name="Nightjarhoose", organization=make_organization(session))

    remembered = session.connection().execute(sa.select(vocabulary.c.word)).scalars().all()
    assert "nightjarhouse" not in remembered
    session.connection().execute(sa.insert(vocabulary).values(word="nightjarhouse"))
    for typed in ("nightjarhousy", "nightjarhouse", "nightjarhouze"):
        assert correct(session, typed) == (Correction(typed, ("nightjarhoose",)),)


def test_later_pages_read_a_word_as_the_first_did_though_it_is_there_by_then(
    session: Session,
) -> None:
    offers(session, "Diapers A", "Diapers B", "Diapers C")
    query = SearchQuery(words="diaperz", limit=2)

    first = search(session, query, now=NOON)
    offers(session, "Diaperz")
    second = search(session, replace(query, after=first.hits[-1].cursor), now=NOON)

    assert [hit.entry["service_name"] for hit in second.hits] == ["Diapers C"]
    assert second.corrected == first.corrected
    assert names(session, "diaperz") == ["Diaperz"]


def test_corrections_from_elsewhere_are_words_like_any_others(session: Session) -> None:
    offers(session, "Soup kitchen")
    hostile = [
        Correction("bread", ("\x00", "'); DROP", "SOUP", "%", '"* OR "', "x" * 500)),
        Correction("never asked", ("soup",)),
    ]

    words = read_words("bread kitchen", hostile)

    assert words == [["drop", "soup", "or"], ["kitchen"]]
    assert len(found(session, [indexed(session, words)])) == 1


def test_need_words_that_are_spelled_nearly_so_are_offered(session: Session) -> None:
    ensure_needs(session)

    assert find_words_alike(session, "diaperz") == ["diapers"]
    assert find_words_alike(session, "Pañalez") == ["pañales"]
    assert find_words_alike(session, "mental helth") == ["Mental health"]
    assert find_words_alike(session, "qqqqqqqq") == []
    assert len(find_words_alike(session, "comidaz")) <= 3


# ------------------------------------------------------------------------------ the vocabulary


def test_words_that_no_row_has_any_more_are_forgotten_and_no_others(session: Session) -> None:
    first, second = (make_offer(session, name=f"Otterish {name}") for name in ("ibises", "wrens"))
    for offer, left in ((first, {"otterish", "wrens"}), (second, set())):
        session.get_one(Service, offer.service_id).name = "Help"
        refresh_services(session, [offer.service_id], now=NOON)
        remembered = session.connection().execute(sa.select(vocabulary.c.word)).scalars().all()
        assert {"otterish", "ibises", "wrens"} & set(remembered) == left


def test_the_vocabulary_has_every_word_of_every_row_that_may_be_meant(session: Session) -> None:
    offers(session, "Éclair 4you the bread bank " + "w" * 41, "Bread", needs=["baby-supplies"])

    remembered = session.connection().execute(sa.select(vocabulary.c.word)).scalars().all()

    assert len(remembered) == len(set(remembered))
    assert {"eclair", "bread", "bank", "heron", "panales", "diapers"} <= set(remembered)
    assert not {"the", "4you", "w" * 41, ""} & set(remembered)


def test_writers_of_the_same_new_words_neither_wait_nor_deadlock(database: Database) -> None:
    """Each writes its words, in opposite orders, and only then either of them ends."""
    with database.transaction() as session:
        organization = make_organization(session)
        for name in ("One", "Two"):
            make_offer(session, name=name, organization=organization)
    with database.reading() as session:
        rows = find_rows(session, sa.select(entries).order_by(entries.c.service_name))
    if database.is_sqlite:
        pytest.skip("SQLite has one writer at a time, and others wait for their turn.")
    wrote = Barrier(2)

    def write(row: Any, words: list[str]) -> None:
        with database.transaction() as session:
            for word in words:
                session.connection().execute(
                    sa.update(TABLES["service"])
                    .where(TABLES["service"].c.id == row["service_id"])
                    .values(name=word)
                )
                refresh_services(session, [row["service_id"]], now=NOON)
            wrote.wait(10)

    new = [f"{letter}lantern" for letter in "abcdefgh"]
    with ThreadPoolExecutor(2) as writers:
        for done in [
            writers.submit(write, rows[0], new),
            writers.submit(write, rows[1], new[::-1]),
        ]:
            done.result()

    with database.reading() as session:
        remembered = session.connection().execute(sa.select(vocabulary.c.word)).scalars().all()
        assert {new[0], new[-1]} <= set(remembered)
        assert correct(session, "hlanternz") == (Correction("hlanternz", ("hlantern",)),)


# --------------------------------------------------------------------- left out, and in order


def test_what_is_left_out_is_what_says_so_itself_and_not_what_a_need_is_called(
    session: Session,
) -> None:
    ensure_needs(session)
    offers(session, "Rides", needs=["transport"])  # "llevarme al doctor" is a word for it
    offers(session, "Clinic", description="Ask a faith-based doctor.", needs=["health"])
    offers(session, "Faith in based numbers", "Doctors")

    assert names(session, "", without_words=["Faith-Based"]) == [
        "Doctors",
        "Faith in based numbers",
        "Rides",
    ]
    assert names(session, "", without_words=["doctor"]) == [
        "Doctors",
        "Faith in based numbers",
        "Rides",
    ]


def test_an_exclusion_takes_the_narrower_needs_along(session: Session) -> None:
    ensure_needs(session)
    offers(session, "Parcels", needs=["food-pantry"])
    offers(session, "Dinner", needs=["meals"])
    offers(session, "Teeth", needs=["dental"])

    assert names(session, "", without_needs=["food"]) == ["Teeth"]
    assert names(session, "", without_needs=["meals", "dental"]) == ["Parcels"]


def test_words_in_the_name_come_before_those_that_begin_there_needs_and_the_rest(
    session: Session,
) -> None:
    ensure_needs(session)
    offers(session, "Zebra", description="Also bread.")
    offers(session, "Yak", description="Nothing else.", needs=["food-pantry"])  # "food bank"
    offers(session, "Ape", description="By the river bank.")
    offers(session, "Xenia breadbox bank")
    offers(session, "Our bread bank", point=None)

    assert names(session, "bread", sort=Sort.RELEVANCE, origin=HERE) == [
        "Our bread bank",
        "Xenia breadbox bank",
        "Zebra",
    ]
    assert names(session, "bank") == ["Our bread bank", "Xenia breadbox bank", "Yak", "Ape"]
    assert names(session, "bread", origin=HERE)[-1] == "Our bread bank"
