"""Needs that the words of a service suggest, and what a person accepts of them."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from directory.commands.needs import accept_suggestions, ensure_needs
from directory.database import find_rows
from directory.models.services import Service, ServiceStatus
from directory.need_suggestions import IN_DESCRIPTION, IN_NAME, Suggestion, suggest_needs
from directory.queries.need_suggestions import find_need_suggestions
from directory.search import search
from directory.search_query import SearchQuery
from directory.term_closure import attributes
from tests.conftest import NOON
from tests.factories import make_offer


def said(name: str, description: str | None = None) -> dict[str, int]:
    return {each.need: each.sure for each in suggest_needs(name, description)}


def test_words_in_a_name_are_surer_than_in_a_description() -> None:
    assert suggest_needs("Main Street Food Pantry", None)[0] == Suggestion(
        "food-pantry", IN_NAME, "food pantry"
    )
    assert said("Friday program", "We hand out diapers.") == {"baby-supplies": IN_DESCRIPTION}
    assert said("Clínica dental", "") == {"dental": IN_NAME}
    assert said("Southeast legal clinic") == {"legal": IN_NAME}


def test_a_slip_of_the_pen_is_less_sure_than_the_word_itself() -> None:
    slipped = said("Food pantrry")["food-pantry"]

    assert IN_DESCRIPTION < slipped < IN_NAME


@pytest.mark.parametrize(
    "name",
    ["Friends of the Library", "Board meetings", "Currents", "Parental visits", "Clinic", ""],
)
def test_nothing_is_suggested_where_no_word_says_so(name: str) -> None:
    assert said(name) == {}


def offers(session: Session, **more: Any) -> None:
    ensure_needs(session)
    make_offer(session, name="Main Street Food Pantry", source="a", **more)
    make_offer(session, name="Evening group", description="Free groceries.", source="a", **more)
    make_offer(session, name="Rent help", source="b", **more)


def test_suggestions_are_for_listed_services_that_have_no_need(session: Session) -> None:
    offers(session)
    make_offer(session, name="Soup kitchen", needs=["legal"], source="a")
    make_offer(session, name="Old pantry groceries", status=ServiceStatus.DEFUNCT, source="a")

    everywhere = [each.service_name for each in find_need_suggestions(session)]
    sure = list(find_need_suggestions(session, source="a", at_least=90))
    legal = list(find_need_suggestions(session, need="legal"))

    assert set(everywhere) == {"Main Street Food Pantry", "Evening group", "Rent help"}
    assert {(each.service_name, each.suggestion.need) for each in sure} == {
        ("Main Street Food Pantry", "food-pantry")
    }
    assert legal == []


def test_what_is_accepted_is_found_and_marked_and_not_suggested_again(session: Session) -> None:
    offers(session)
    chosen = list(find_need_suggestions(session, source="a", at_least=90))

    services = accept_suggestions(session, chosen, now=NOON)

    found = search(session, SearchQuery(needs=["food"]), now=NOON + timedelta(hours=1))
    (row,) = find_rows(session, sa.select(attributes).where(attributes.c.label == "suggested"))
    assert services == 1
    assert [hit.entry["service_name"] for hit in found.hits] == ["Main Street Food Pantry"]
    assert (row["link_type"], row["link_entity"], row["source"]) == ("need", "service", None)
    assert session.get_one(Service, row["link_id"]).name == "Main Street Food Pantry"
    assert list(find_need_suggestions(session, source="a", at_least=90)) == []
    assert accept_suggestions(session, [], now=NOON) == 0
