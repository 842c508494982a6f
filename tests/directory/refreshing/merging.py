"""Two records that are the same become one, and two again."""

from collections.abc import Callable, Iterator
from uuid import UUID

from directory.commands import merges
from directory.commands.merges import merge_records, undo_merge
from tests.conftest import NOON
from tests.directory.refreshing.world import Case, Happening, World

Two = Callable[[World], tuple[str, UUID, UUID]]


def agencies(world: World) -> tuple[str, UUID, UUID]:
    return "organization", world.agency, world.other_agency


def services(world: World) -> tuple[str, UUID, UUID]:
    """The Help line, which has no place, takes over Soup's."""
    return "service", world.line, world.soup


def places(world: World) -> tuple[str, UUID, UUID]:
    return "location", world.annex, world.hall


def merge(world: World, kind: str, kept: UUID, merged: UUID) -> UUID:
    return merge_records(world.session, kind, kept, merged, viewer=world.administrator, now=NOON)


def are_merged(two: Two) -> Happening:
    def happening(world: World) -> Iterator[None]:
        yield
        merge(world, *two(world))

    happening.__name__ = f"{two.__name__} are merged"
    return happening


def are_two_again(two: Two) -> Happening:
    def happening(world: World) -> Iterator[None]:
        merge_id = merge(world, *two(world))
        yield
        undo_merge(world.session, merge_id, viewer=world.administrator, now=NOON)

    happening.__name__ = f"{two.__name__} are two again"
    return happening


CASES = (
    Case(merge_records, merges, are_merged(agencies), ["Bread"]),
    Case(merge_records, merges, are_merged(services), ["Help line"]),
    Case(merge_records, merges, are_merged(places), ["Soup"]),
    Case(undo_merge, merges, are_two_again(agencies), ["Bread"]),
    Case(undo_merge, merges, are_two_again(services), ["Soup", "Help line"]),
    Case(undo_merge, merges, are_two_again(places), ["Soup"]),
)
