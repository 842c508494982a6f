"""What comes when a source is imported again, and what is gone from it."""

from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from textwrap import dedent
from types import MappingProxyType

import sqlalchemy as sa
from sqlmodel import select

from directory.commands.suggestions import decide_suggestion, forget_old_suggestions, suggest
from directory.database import find_row
from directory.hsds import load
from directory.hsds.load import import_directory
from directory.index import refresh_services
from directory.models.history import Suggestion
from directory.needs import EVERYDAY_ID, TAXONOMY_NAME, need_id
from directory.offers import at_locations, services
from directory.term_closure import mappings, synonyms, taxonomies, terms
from tests.conftest import NOON
from tests.directory.hsds.conftest import find_zip
from tests.directory.refreshing.world import Case, World

DAY = timedelta(days=1)

EAST, WEST = "Eastport Nowhere,MI,00702", "Lake Wobble,MN,00701"
SCHEDULE = "id,service_at_location_id,freq,byday,opens_at,closes_at\n60,30,WEEKLY,MO"
CAPACITY = """
    id,service_id,unit_id,available,updated,openings_status,openings_expires_at,openings_said_by
    81,10,80,3,2030-06-03T10:00:00Z,open,2030-06-04T10:00:00Z,Cook
"""

#: Acorn Aid has Stew at the Mill, and a Hot line that is nowhere; its Annex is in another zone.
#: Birch Aid has Tea at its Barn.
SOURCE: Mapping[str, str] = MappingProxyType(
    {
        "organizations": "id,name\n1,Acorn Aid\n2,Birch Aid",
        "locations": """
            id,organization_id,name,latitude,longitude
            20,1,Mill,42.7,-84.5
            21,1,Annex,44.0,-93.0
            22,2,Barn,42.6,-84.6
        """,
        "addresses": f"""
            id,location_id,address_1,city,state_province,postal_code,country
            40,20,1 Acorn Way,{EAST},US
            41,21,2 Acorn Way,{WEST},US
            42,22,3 Birch Way,{EAST},US
        """,
        "services": """
            id,organization_id,name
            10,1,Stew
            11,1,Hot line
            12,2,Tea
        """,
        "service_at_location": "id,service_id,location_id\n30,10,20\n31,12,22",
        "phones": "id,service_id,number\n50,10,650 555-0125",
        "schedules": f"{SCHEDULE},09:00,17:00",
        "languages": "id,service_id,name,code\n61,10,Spanish,es",
        "accessibility_for_disabilities": "id,location_id,accessibility\n62,20,Step-free",
        "service_areas": "id,service_id,extent\n63,10,48933",
        "required_documents": "id,service_id,document\n64,10,Lease",
        "cost_options": "id,service_id,amount,currency\n65,10,2.00,USD",
        "taxonomies": "id,name,description\n70,Dishes,-\n71,Open Eligibility,-",
        "taxonomy_terms": """
            id,code,name,description,parent_id,taxonomy_id
            72,dish,Dish,-,,70
            73,bowl,Bowl,-,72,70
            74,102-06,Food Delivery,-,,71
        """,
        "attributes": """
            id,link_id,link_entity,taxonomy_term_id
            75,10,service,73
            76,12,service,74
        """,
        "units": "id,name\n80,bowls",
        "service_capacity": CAPACITY,
    }
)
STEW, TEA, HOT_LINE, OF_ACORN = ["Stew"], ["Tea"], ["Hot line"], ["Stew", "Hot line"]


def take_in(world: World, **changed: str) -> None:
    """Import the source's directory, some of it changed."""
    folder = world.folder / f"import-{len(list(world.folder.iterdir()))}"
    folder.mkdir()
    for name, text in {**SOURCE, **changed}.items():
        (folder / f"{name}.csv").write_text(dedent(text).strip() + "\n", encoding="utf-8")
    import_directory(
        world.session,
        folder,
        source="acorn",
        now=NOON,
        find_zip=find_zip,
        accept_large_change=True,
    )


def replaced(name: str, table: str, old: str, new: str, stale: Collection[str]) -> Case:
    """A table of the source says something else, once everything was taken in."""
    assert old in SOURCE[table]

    def happening(world: World) -> Iterator[None]:
        take_in(world)
        yield
        take_in(world, **{table: SOURCE[table].replace(old, new)})

    happening.__name__ = f"import: {name}"
    return Case(import_directory, load, happening, stale)


#: What there is of it, in which table, what it was and what it is now.
_REPLACED = (
    ("an agency renamed", "organizations", "Acorn Aid", "Oak Aid", OF_ACORN),
    ("an agency's service is another's", "services", "11,1,Hot line", "11,2,Hot line", HOT_LINE),
    ("a service renamed", "services", "Stew", "Goulash", ["Goulash"]),
    ("a new service", "services", "11,1,Hot line", "11,1,Hot line\n13,1,Rides", ["Rides"]),
    ("a service gone", "services", "11,1,Hot line", "", HOT_LINE),
    ("a service at another place", "service_at_location", "30,10,20", "30,10,21", STEW),
    ("a service in a further place", "service_at_location", "31,12,22", "31,12,22\n32,12,21", TEA),
    ("a service at no place any more", "service_at_location", "30,10,20", "", STEW),
    ("a place renamed", "locations", "Mill", "Old Mill", STEW),
    ("a place moved", "locations", "42.7,-84.5", "42.8,-84.4", STEW),
    ("a place that may hide", "locations", "Mill", "Willow Shelter for victims", STEW),
    ("a place in another zone", "addresses", f"1 Acorn Way,{EAST}", f"1 Acorn Way,{WEST}", STEW),
    ("a place gone that gave the zone", "locations", "21,1,Annex,44.0,-93.0", "", HOT_LINE),
    ("a place that gave the zone is another's", "locations", "21,1,Annex", "21,2,Annex", HOT_LINE),
    ("an address", "addresses", "1 Acorn Way", "4 Acorn Way", STEW),
    ("a number", "phones", "0125", "0126", STEW),
    ("a number of somebody else", "phones", "50,10,", "50,12,", ["Stew", "Tea"]),
    ("hours", "schedules", "17:00", "18:00", STEW),
    ("a language", "languages", "Spanish,es", "Arabic,ar", STEW),
    ("a ramp gone", "accessibility_for_disabilities", "Step-free", "A quiet room", STEW),
    ("an area", "service_areas", "48933", "48912", STEW),
    ("papers", "required_documents", "Lease", "Photo ID", STEW),
    ("a price", "cost_options", "2.00", "0.00", STEW),
    ("a term renamed that is above", "taxonomy_terms", "Dish", "Plate", STEW),
    ("a term of somebody else", "attributes", "75,10,", "75,12,", ["Stew", "Tea"]),
    ("a term gone", "attributes", "75,10,service,73", "", STEW),
    ("a unit renamed", "units", "bowls", "cups", STEW),
    ("a later report of room", "service_capacity", "81,10,80,3", "82,10,80,5", STEW),
)


def a_directory_comes(world: World) -> Iterator[None]:
    yield
    take_in(world)


def what_stayed_for_a_reader_goes_at_last(world: World) -> Iterator[None]:
    """Stew left the Mill, which stayed since somebody had said something about it there."""
    take_in(world)
    stew = services.c.name == "Stew"
    offers = sa.select(at_locations.c.id).join(services).where(stew)
    offer = find_row(world.session, offers)
    assert offer is not None
    suggest(world.session, offer["id"], about="other", words="It is closed", now=NOON)
    world.session.flush()
    take_in(world, service_at_location="id,service_id,location_id\n31,12,22")
    told = world.session.exec(select(Suggestion)).one()
    decide_suggestion(
        world.session, told.id, accepted=True, answer=None, viewer=world.administrator, now=NOON
    )
    world.session.flush()
    forget_old_suggestions(world.session, now=NOON + 181 * DAY)
    yield
    take_in(world, service_at_location="id,service_id,location_id\n31,12,22")


def it_brings_what_our_mapping_newly_means(world: World) -> Iterator[None]:
    """Tea is delivered; a former release did not know that this is food."""
    take_in(world)
    world.session.connection().execute(sa.delete(mappings))
    refresh_all(world)
    yield
    take_in(world)


def it_brings_the_words_that_needs_newly_have(world: World) -> Iterator[None]:
    take_in(world)
    world.session.connection().execute(sa.delete(synonyms))
    refresh_all(world)
    yield
    take_in(world)


def it_renames_a_need_that_it_once_brought(world: World) -> Iterator[None]:
    """As into an installation that was made from an export of another, needs and all."""
    take_in(world)
    for table in (taxonomies, terms):
        brought = table.c.id.in_((EVERYDAY_ID, need_id("food")))
        world.session.connection().execute(sa.update(table).where(brought).values(source="acorn"))
    yield
    take_in(
        world,
        taxonomies=f"{SOURCE['taxonomies']}\n90,{TAXONOMY_NAME},-",
        taxonomy_terms=f"{dedent(SOURCE['taxonomy_terms'])}\n91,food,Eats,-,,90",
    )


def refresh_all(world: World) -> None:
    ids = world.session.connection().execute(sa.select(services.c.id)).scalars().all()
    refresh_services(world.session, ids, now=NOON)


CASES = (
    *(replaced(*each) for each in _REPLACED),
    Case(import_directory, load, a_directory_comes, ["Stew", "Hot line", "Tea"]),
    Case(import_directory, load, what_stayed_for_a_reader_goes_at_last, STEW),
    Case(import_directory, load, it_brings_what_our_mapping_newly_means, TEA),
    Case(import_directory, load, it_brings_the_words_that_needs_newly_have, ["Soup", "Tea"]),
    Case(import_directory, load, it_renames_a_need_that_it_once_brought, ["Soup", "Tea"]),
)
