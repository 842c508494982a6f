"""Made-up words, numbers and identifiers: always the same for the same thing."""

from random import Random
from uuid import NAMESPACE_DNS, UUID, uuid5

from directory.tokens import ALPHABET

#: What ``source`` says of every directory record made here.
SOURCE = "demo"

_NAMESPACE = uuid5(NAMESPACE_DNS, "county.example")

#: No town has these, so no address here is anybody's.
STREETS = (
    "Butterscotch Bend",
    "Doodlebug Drive",
    "Gumboot Road",
    "Hopscotch Street",
    "Jellybean Parkway",
    "Kazoo Avenue",
    "Left Sock Lane",
    "Marmalade Row",
    "Moonlit Turnip Road",
    "Paper Hat Street",
    "Pumpernickel Way",
    "Snowglobe Court",
    "Sugarbeet Spiral",
    "Teapot Lane",
    "Thimble Street",
    "Umbrella Walk",
    "Wobbly Gate Road",
    "Yodel Avenue",
)


def row_id(*parts: object) -> UUID:
    """Return the identifier of the thing that the parts name (RFC 9562, version 5)."""
    return uuid5(_NAMESPACE, "/".join(map(str, parts)))


def dice(*parts: object) -> Random:
    """Return dice that fall the same way every time for the thing that the parts name."""
    return Random("/".join(map(str, parts)))  # noqa: S311  (it has to be predictable)


def phone_number(area_code: str, *parts: object) -> str:
    """Return a number from the hundred that are kept for fiction: 555-0100 to 555-0199."""
    return f"({area_code}) 555-01{dice('phone', *parts).randrange(100):02}"


def code_from(rolling: Random) -> str:
    """Return a code as ``directory.tokens.new_code`` makes them, such as ``7K2M-QX4P``."""
    letters = rolling.choices(ALPHABET, k=8)
    return "".join(letters[:4]) + "-" + "".join(letters[4:])
