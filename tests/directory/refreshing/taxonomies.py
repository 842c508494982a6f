"""Terms of taxonomies, what they mean, and the words for needs."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from directory.commands import taxonomies
from directory.commands.needs import ensure_needs
from directory.commands.records import finishing
from directory.commands.records.editing import change_record
from directory.commands.taxonomies import load_taxonomies, refresh_tagged, update_needs
from directory.database import find_row
from directory.index import refresh_services
from directory.models.taxonomies import Attribute
from directory.needs import need_id
from directory.taxonomy_file import TaxonomyTerms, Term
from directory.term_closure import mappings, synonyms, terms
from tests.conftest import NOON
from tests.directory.refreshing.edits import change
from tests.directory.refreshing.world import Case, World

SOUP, BREAD = ("Soup",), ("Bread",)

#: A term that our own mapping file knows as a need for food.
OURS = "Open Eligibility"
FOOD_DELIVERY = Term("102-06", "102-06", "Food Delivery")

DISH, BOWL = Term("dish", "dish", "Dish"), Term("bowl", "bowl", "Bowl")


def load(world: World, *terms: Term, name: str = "Elsewhere", **mapping: Any) -> None:
    read = TaxonomyTerms(name, terms={term.key: term for term in terms})
    load_taxonomies(world.session, [read], source="test", now=NOON, mapping=mapping)


def tag_bread(world: World, term: Term) -> None:
    """Say a term of Bread."""
    code = terms.c.code == term.code
    row = find_row(world.session, sa.select(terms.c.id).where(code))
    assert row is not None
    world.session.add(
        Attribute(link_entity="service", link_id=world.bread, taxonomy_term_id=row["id"])
    )
    refresh_services(world.session, [world.bread], now=NOON)


def forget(world: World, rows: sa.Delete, service_id: UUID) -> None:
    """Forget what a former release did not know."""
    world.session.connection().execute(rows)
    refresh_services(world.session, [service_id], now=NOON)


def food_has_fewer_words(world: World) -> None:
    of_food = synonyms.c.taxonomy_term_id == need_id("food")
    forget(world, sa.delete(synonyms).where(of_food), world.soup)


def a_term_is_renamed(world: World) -> Iterator[None]:
    load(world, DISH)
    tag_bread(world, DISH)
    yield
    load(world, Term("dish", "dish", "Plate"))


def a_term_comes_below_another(world: World) -> Iterator[None]:
    load(world, DISH, BOWL)
    tag_bread(world, BOWL)
    yield
    load(world, DISH, Term("bowl", "bowl", "Bowl", parent="dish"))


def a_term_newly_means_a_need(world: World) -> Iterator[None]:
    load(world, DISH)
    tag_bread(world, DISH)
    yield
    load(world, DISH, dish=("meals",))


def what_is_above_the_term_of_a_service_changed(world: World) -> Iterator[None]:
    load(world, DISH, Term("bowl", "bowl", "Bowl", parent="dish"))
    tag_bread(world, BOWL)
    changed = sa.update(terms).where(terms.c.code == "dish").returning(terms.c.id)
    yield
    changed_ids = world.session.connection().execute(changed.values(name="Plate")).scalars().all()
    refresh_tagged(world.session, changed_ids, now=NOON)


def our_mapping_grew(world: World) -> Iterator[None]:
    load(world, FOOD_DELIVERY, name=OURS)
    tag_bread(world, FOOD_DELIVERY)
    forget(world, sa.delete(mappings), world.bread)
    yield
    update_needs(world.session, now=NOON)


def our_words_for_needs_grew(world: World) -> Iterator[None]:
    food_has_fewer_words(world)
    yield
    update_needs(world.session, now=NOON)


def needs_are_there_and_some_words_are_not(world: World) -> Iterator[None]:
    food_has_fewer_words(world)
    yield
    ensure_needs(world.session)


def another_need_is_said_before_words_are_updated(world: World) -> Iterator[None]:
    food_has_fewer_words(world)
    yield
    change(world, "service", world.line, needs=["housing"])


CASES = (
    Case(load_taxonomies, taxonomies, a_term_is_renamed, BREAD),
    Case(load_taxonomies, taxonomies, a_term_comes_below_another, BREAD),
    Case(load_taxonomies, taxonomies, a_term_newly_means_a_need, BREAD),
    Case(refresh_tagged, taxonomies, what_is_above_the_term_of_a_service_changed, BREAD),
    Case(update_needs, taxonomies, our_mapping_grew, BREAD),
    Case(update_needs, taxonomies, our_words_for_needs_grew, SOUP),
    Case(ensure_needs, None, needs_are_there_and_some_words_are_not),
    Case(change_record, finishing, another_need_is_said_before_words_are_updated, ["Help line"]),
)
