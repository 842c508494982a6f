"""Every sentence that a reader may meet: marked in templates and code, or made elsewhere."""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_dir

from directory.eligibility_facts import FACTS, Kind
from directory.eligibility_rules import MOST_PARTS
from directory.errors import DomainError
from directory.hsds.suspicion import REASONS
from directory.known_facts import MOST_VALUES
from directory.needs import EVERYDAY_NEEDS
from geo.geojson import DEEPEST, LONGEST, MOST_POSITIONS
from scheduling.planning import MOST_DAYS

API = Path(__file__).parents[3] / "api"

METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "translate": None}

#: What is said by parts that know no language, and is translated where it is shown.
SAID_ELSEWHERE = (
    (
        "We do not know that place. Give a 5-digit ZIP code, or a town and its state, "
        "such as Lansing, MI."
    ),
    'Give a handle such as "7K2M-QX4P", or leave it out for a new one.',
    "Give a number.",
    "Use at most 200 letters.",
    "beds",
    "places",
    "seats",
    "intake places",
    "Only the agency that hosts this appointment can say that.",
    # What is wrong with a field of a staff form.
    "Give a value.",
    "Give a whole number.",
    "Give at least 0.",
    "Give at least 1.",
    "Give at least 5.",
    "Give at most 52.",
    "Give at most 400.",
    "Give at most 500.",
    "Give at most 720.",
    "Give at most 1440.",
    "Give at most 10000.",
    "Give a day such as 2030-06-03.",
    "Give a time such as 13:00.",
    "Use at most 120 letters a line.",
    "Use at most 120 letters.",
    "Say in 1 to 120 letters who will have the link.",
    "Give at most 365.",
    "Give at most 20 of them.",
    "Choose one of your own services.",
    "Choose a time.",
    "Choose somebody of your own agency.",
    'Say what is counted, such as "beds".',
    "There cannot be more free than there are.",
    "Say how many are free, or give a status.",
    "None are free, so it is not open.",
    "Some are free, so it is not full.",
    "Say in 1 to 120 letters what people come for.",
    "Give an end day or a count, not both.",
    "The last day comes before the first.",
    "The last day may be at most 18 months after the first.",
    "No slot of that length fits between opening and closing.",
    "This pattern never happens within 18 months.",
    "Write each day as 2030-07-04, or 2030-07-04 10:00-12:00, one a line.",
    "This day is added twice, or closed.",
    "Give a day from the first one to 18 months after it, at most.",
    "Give both when it opens and when it closes.",
    "Give at most 400 of them.",
    "Choose one of the list.",
    "Give a time to move to.",
    "Close for at most a year at a time.",
    "Give a day between the years 2000 and 2099.",
    "There is no active agreement with this organization.",
    # What is wrong with an agreement.
    "Your agency has to be one of the two.",
    "An agreement needs two agencies.",
    "There is no such agency.",
    "Say in 1 to 120 letters what is agreed.",
    "Give a whole number from 0 to 365.",
    "New terms begin on a Monday.",
    "Give a whole number from 1 to 500.",
    "Give a whole number from 0 to 43,200.",
    "Name at least one window or service.",
    "Name what the host offers to others than its staff.",
    "Your agency is the lead already.",
    "Load the page again first.",
    (
        "Your agency has used the places that it is granted in this week."
        " Choose another week, or a time that is open to everyone."
    ),
    "To show the address, those who run the place must agree in writing.",
    "Say in 5 to 1000 letters what is wrong.",
    # What is wrong with an answer about a listing.
    "Say what is right now.",
    "Use at most 300 letters.",
    "Give at most 300 letters.",
    "Choose an answer for at least one of them.",
    "You also said that something changed. Send that instead.",
    "This listing says nothing yet that can be checked.",
    # What is wrong with a listing, and what else needs it.
    "Somebody changed this after you read it. Look at it again.",
    "Give words (q) to sort by relevance.",
    "Give a place (near) to sort by distance.",
    "Give words, or needs, to leave out.",
    "You ask for a need and leave it out.",
    "This belongs to a list in another order. Begin again.",
    "Give one of: relevance, distance, soonest.",
    # What is wrong with an answer to a question about somebody.
    "Give an answer, or skip the question.",
    "Choose yes or no.",
    "Give a number from 0 to 150.",
    "Give a whole number from 1 to 50.",
    "Give a number from 0 to 1000000.",
    'Give it in the form of "48933".',
    "Give a list of at most 50 values.",
    'Give "none" alone, or leave it out.',
    "Give a name.",
    "Give an e-mail address, such as help@agency.example.",
    "Give a web address that begins with http:// or https://.",
    "Give one phone number, such as (517) 555-0123.",
    "Give the digits of the extension alone.",
    "Give an age from 0 to 130 years.",
    "The greatest age is less than the least.",
    "Give codes of everyday needs, such as food or shelter.",
    "Give an amount such as 12.50.",
    "Give a price, or say in words what it costs.",
    "Give a whole number from 0 to 100000000.",
    "Use at most 300 letters.",
    "Use at most 1000 letters.",
    "Use at most 5000 letters.",
    "Give at most 100 of them.",
    "Give at most 60 of them.",
    "Give both when it opens and when it closes, or neither.",
    "Write each day as 2030-07-04, one a line.",
    "Give a ZIP code such as 48933.",
    "Give a state by its two letters, such as MI.",
    "Give a town or a ZIP code.",
    "A place whose address is not public has no coordinates here.",
    "A place whose address is not public has no street here.",
    "Give the place a name, or an address.",
    "Give the address again: it was removed when the place was hidden.",
    "Give one of: active, inactive, defunct, temporarily closed.",
    "Give one of: public, area only, hidden.",
    "Give one of: voice, text, fax, cell, video, pager, textphone.",
    "Leave out control characters.",
    "Choose a field that this change gave another value.",
    "There is no such record here.",
    "windows",
    "times to book",
    "reports of openings",
    "services at places",
    "appointments",
    "people waiting",
    "reviews of the place",
    "account",
    "verification",
    "suggestion",
    "phone",
    # What is wrong with a condition of who can come, or with a made-up person.
    *(
        f"Give {'a whole number' if fact.kind is Kind.WHOLE else 'a number'} "
        f"from {fact.low} to {fact.high}."
        for fact in FACTS.values()
        if fact.high
    ),
    "The most comes below the least: nobody fits.",
    f"A rule has at most {MOST_PARTS} parts.",
    f"Give a list of at most {MOST_VALUES} values.",
    'Give "none" alone, or leave it out.',
    # What is wrong with an area that is drawn.
    f"Use at most {LONGEST} letters.",
    "Draw at least one polygon.",
    "Give GeoJSON: this cannot be read as JSON.",
    'Give a "type": Polygon, MultiPolygon, Feature or a collection of them.',
    f"Put at most {DEEPEST} collections into each other.",
    "Give a list.",
    "Give a list of rings: the outline, then its holes.",
    "Give a ring of at least 4 positions.",
    f"Use at most {MOST_POSITIONS} positions; leave out the fine detail.",
    "Close the ring: end it with the position that it begins with.",
    "This goes round a pole. Draw it as a box that the pole is an edge of.",
    "Give a position: the longitude, then the latitude, as numbers.",
    "Give a longitude from -180 to 180 (or to 360, across the 180th).",
    "Give a latitude from -90 to 90. The longitude comes first.",
    # What is wrong with a place in line.
    "Say what is waited for.",
    "Leave it out for this kind.",
    "Give a place and a distance, or neither.",
    "Leave it out: what is waited for has its place.",
    "Only the host's own staff raise somebody in its line.",
    "Nothing more happens there on that day.",
    "The end comes before the beginning.",
    "Give at most 20.",
    "Give at most 9.",
    # Why two records are not merged, and why a place waits for a person.
    "A record cannot be merged with itself.",
    ("These services belong to two agencies. If the agencies are the same, merge those first."),
    "One of these places is hidden and the other is not. Decide about that first.",
    "These agencies have an agreement with each other. End it first.",
    *REASONS.values(),
    # What is wrong with a plan for a client's day.
    "Choose at least one need.",
    "Say what is needed.",
    "Name each need once.",
    "Say where the way begins: a ZIP code or town.",
    "This day is over.",
    "Give a day that is not before the first.",
    f"Give at most {MOST_DAYS} days.",
    "Give a time after the one of leaving.",
    "There is no such time, or it is not yours to see.",
)


NOT_SENTENCES = {""}


def translatable() -> set[str]:
    """Return them all."""
    marked = {text for message in _marked() for text in message}
    needs = {text for need in EVERYDAY_NEEDS for text in (need.name, need.description)}
    return (marked | needs | set(refusals()) | set(SAID_ELSEWHERE)) - NOT_SENTENCES


def _marked() -> Iterator[tuple[str, ...]]:
    for _, _, message, _, _ in extract_from_dir(API, METHODS, keywords=KEYWORDS):
        yield message if isinstance(message, tuple) else (message,)


def refusals() -> Iterator[str]:
    """Yield the text of every refusal that is always the same and that a page can show."""
    for kind in _below(DomainError):
        if kind.__module__.startswith("seed."):  # only the command line can meet it
            continue
        try:
            yield str(kind())  # those that need a fact are skipped
        except TypeError:
            continue


def _below(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)
