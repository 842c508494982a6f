"""Every parameter must hold: what SQL finds is what plain Python finds by going through all."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from uuid import UUID

import pytest
from geopy.distance import geodesic
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from directory.database import Database
from directory.hsds.answering import count_found, find_ids
from directory.hsds.asking import Question
from directory.models.locations import AddressVisibility
from directory.models.services import LISTED, ServiceStatus
from geo.gazetteer import get_zip
from tests.api.hsds.catalogs import (
    DAYS,
    TERM_NAMES,
    WORDS,
    ZIPS,
    Agency,
    Catalog,
    Offered,
    Place,
    Served,
    catalogs,
    days_ago,
    make_id,
    write,
)

AREAS_OF = {
    "48933": {"48933", "MI", "MI:Ingham_County"},
    "48864": {"48864", "MI", "MI:Ingham_County"},
    "49503": {"49503", "MI", "MI:Kent_County"},
}


@st.composite
def questions(draw: st.DrawFn, table: str) -> Question:
    """Ask for one or two of the things that can be asked of a kind of record."""
    can_be_asked = st.sampled_from(PARTS_OF[table])
    parts = draw(st.lists(can_be_asked, min_size=1, max_size=2, unique=True))
    asked = Question(**{name: draw(PARTS[name]) for name in parts})  # type: ignore[arg-type]
    if asked.postcode is not None:
        asked = replace(asked, within_km=draw(st.sampled_from([None, 0.5, 20.0, 200.0])))
    return asked


def _id(kind: str, most: int) -> st.SearchStrategy[UUID]:
    """Mostly an id that is there."""
    return st.integers(0, most).map(lambda number: make_id(kind, number))


_words = st.sampled_from([*WORDS, *TERM_NAMES, "bre", "ECLAIR", "ebra", "%"])


PARTS: dict[str, st.SearchStrategy[object]] = {
    "words": st.lists(_words, min_size=1, max_size=2).map(" ".join),
    "taxonomy_term_id": _id("term", len(TERM_NAMES)),
    "taxonomy_id": _id("taxonomy", 1),
    "organization_id": _id("agency", 3),
    "parent_id": _id("term", len(TERM_NAMES)),
    "modified_after": st.sampled_from(DAYS).map(days_ago),
    "postcode": st.sampled_from(ZIPS).map(get_zip),
    "top_only": st.just(True),  # noqa: FBT003  (the value itself)
}

_DESCRIBED = ("words", "taxonomy_term_id", "taxonomy_id")
_OFFERED = (*_DESCRIBED, "organization_id", "modified_after")

PARTS_OF = {
    "service": _OFFERED,
    "service_at_location": (*_OFFERED, "postcode", "postcode", "postcode"),
    "organization": _DESCRIBED,
    "taxonomy": ("words",),
    "taxonomy_term": ("words", "taxonomy_id", "parent_id", "top_only"),
}


class Oracle:
    """Goes through a whole catalog for each question."""

    def __init__(self, catalog: Catalog, question: Question) -> None:
        self.catalog = catalog
        self.question = question

    def services(self) -> Iterator[UUID]:
        for service in self._known_services():
            offers: list[Offered | None] = [*service.at] or [None]
            texts = [self._text(service, each) for each in offers]
            listed = service.status in LISTED
            if self._described(service.terms) and (
                not self._words() or (listed and any(map(self._has_words, texts)))
            ):
                yield service.id

    def offers(self) -> Iterator[UUID]:
        for service in self._known_services():
            for offered in service.at:
                public = self._place(offered).visibility is AddressVisibility.PUBLIC
                terms = service.terms + (offered.terms if public else [])
                if self._described(terms) and self._findable(service, offered):
                    yield offered.id

    def organizations(self) -> Iterator[UUID]:
        for number, agency in enumerate(self.catalog.agencies):
            terms = list(agency.terms)
            for service in self.catalog.services:
                if service.agency == number and not service.merged:
                    terms += service.terms
            text = f"{agency.name} {agency.description}"
            if not agency.merged and self._described(terms) and self._has_words(text):
                yield agency.id
        if self._described([]) and self._has_words("kept"):
            yield make_id("kept", 0)

    def terms(self) -> Iterator[UUID]:
        for term in self.catalog.terms:
            parent = None if term.parent is None else self.catalog.terms[term.parent].id
            taxonomy = self.question.taxonomy_id
            if (
                (taxonomy is None or self.catalog.taxonomy(term.taxonomy) == taxonomy)
                and (self.question.parent_id is None or parent == self.question.parent_id)
                and not (self.question.top_only and parent is not None)
                and self._has_words(term.name)
            ):
                yield term.id

    def taxonomies(self) -> Iterator[UUID]:
        for number in (0, 1):
            if self._has_words(f"Fruit {number}"):
                yield self.catalog.taxonomy(number)

    def _known_services(self) -> Iterator[Served]:
        asked = self.question
        for service in self.catalog.services:
            agency = self.catalog.agencies[service.agency].id
            modified = None if service.modified is None else days_ago(service.modified)
            if (
                not service.merged
                and asked.organization_id in (None, agency)
                and (
                    asked.modified_after is None
                    or (modified is not None and modified >= asked.modified_after)
                )
            ):
                yield service

    def _findable(self, service: Served, offered: Offered) -> bool:
        if not self._words() and self.question.postcode is None:
            return True
        return (
            service.status in LISTED
            and self._has_words(self._text(service, offered))
            and self._serves(service, offered)
            and self._is_near(offered)
        )

    def _place(self, offered: Offered) -> Place:
        return self.catalog.places[offered.place]

    def _serves(self, service: Served, offered: Offered) -> bool:
        if self.question.postcode is None:
            return True
        stated = offered.areas or service.areas or [self._place(offered).state]
        tokens = {token for token in stated if token}
        return not tokens or bool(tokens & AREAS_OF[str(self.question.postcode.postal_code)])

    def _is_near(self, offered: Offered) -> bool:
        if self.question.within_km is None:
            return True
        here, there = self.question.postcode, self._place(offered).point
        assert here is not None
        return (
            there is not None and geodesic(here.point, there).kilometers <= self.question.within_km
        )

    def _words(self) -> list[str]:
        return [plain(word) for word in self.question.words.split() if word != "%"]

    def _has_words(self, text: str) -> bool:
        words = plain(text).split()
        return all(any(has.startswith(word) for has in words) for word in self._words())

    def _text(self, service: Served, offered: Offered | None) -> str:
        parts = [service.name, self.catalog.agencies[service.agency].name]
        parts += [self.catalog.terms[number].name for number in self._and_above(service.terms)]
        if offered and self._place(offered).visibility is AddressVisibility.PUBLIC:
            parts.append(self._place(offered).name)
        return " ".join(parts)

    def _and_above(self, terms: list[int]) -> set[int]:
        found: set[int] = set()
        for term in terms:
            number: int | None = term
            while number is not None and number not in found:
                found.add(number)
                number = self.catalog.terms[number].parent
        return found

    def _described(self, terms: list[int]) -> bool:
        wanted, taxonomy = self.question.taxonomy_term_id, self.question.taxonomy_id
        ids = {self.catalog.terms[number].id for number in self._and_above(terms)}
        taxonomies = {self.catalog.taxonomy(self.catalog.terms[n].taxonomy) for n in terms}
        return (wanted is None or wanted in ids) and (taxonomy is None or taxonomy in taxonomies)


def plain(text: str) -> str:
    return text.lower().replace("é", "e")


def assert_same_in_parts(session: Session, table: str, question: Question, size: int) -> None:
    whole = find_ids(session, table, question, limit=1000)
    in_pages: list[UUID] = []
    in_batches: list[UUID] = []
    for start in range(0, len(whole) + 1, size):
        in_pages += find_ids(session, table, question, limit=size, offset=start)
        after = in_batches[-1] if in_batches else None
        in_batches += find_ids(session, table, question, limit=size, after=after)
    assert in_pages == in_batches == list(whole)


@pytest.mark.parametrize(
    ("table", "oracle"),
    [
        ("service", Oracle.services),
        ("service_at_location", Oracle.offers),
        ("organization", Oracle.organizations),
        ("taxonomy", Oracle.taxonomies),
        ("taxonomy_term", Oracle.terms),
    ],
)
def test_what_is_found_is_all_for_which_everything_holds(
    database: Database, table: str, oracle: Callable[[Oracle], Iterator[UUID]]
) -> None:
    @settings(
        max_examples=settings().max_examples // 4,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(catalogs(), st.lists(questions(table), min_size=15, max_size=15), st.integers(1, 3))
    def agrees(catalog: Catalog, asked: list[Question], size: int) -> None:
        with database.transaction() as session:
            write(session, catalog)
            for question in asked:
                expected = sorted(oracle(Oracle(catalog, question)))
                assert list(find_ids(session, table, question, limit=1000)) == expected, question
                assert count_found(session, table, question) == len(expected)
            assert_same_in_parts(session, table, asked[0], size)
            session.rollback()

    agrees()


def one_offer(zip_code: str, state: str, areas: list[str]) -> Catalog:
    place = Place(zip_code, AddressVisibility.PUBLIC, "hall", state)
    service = Served(
        *("bread", 0, ServiceStatus.ACTIVE, None),
        merged=False,
        terms=[],
        areas=areas,
        at=[Offered(0, [], [])],
    )
    return Catalog([Agency("apple", "", merged=False, terms=[])], [service], [place], [])


def is_found(session: Session, question: Question) -> bool:
    return count_found(session, "service_at_location", question) == 1


def test_a_service_that_states_no_area_is_for_everybody(session: Session) -> None:
    write(session, one_offer("48933", state="", areas=[]))

    for zip_code in ZIPS:
        assert is_found(session, Question(postcode=get_zip(zip_code)))


def test_a_service_that_states_an_area_is_for_the_people_there(session: Session) -> None:
    write(session, one_offer("48933", state="", areas=["MI:Kent_County"]))

    assert is_found(session, Question(postcode=get_zip("49503")))
    assert not is_found(session, Question(postcode=get_zip("48933")))


@pytest.mark.parametrize(("there", "km"), [("48864", 11.758), ("49503", 93.203)])
def test_near_ends_at_the_distance_and_not_at_a_corner(
    session: Session, there: str, km: float
) -> None:
    """A grid and a box only find candidates; they hold both places at both distances."""
    write(session, one_offer(there, state="MI", areas=[]))
    here = get_zip("48933")

    assert is_found(session, Question(postcode=here, within_km=km + 0.01))
    assert not is_found(session, Question(postcode=here, within_km=km - 0.01))
