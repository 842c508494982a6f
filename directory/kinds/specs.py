"""What a kind of record is to those who edit it: its rules, and what hangs on it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from directory.errors import FieldError
from directory.field_rules import Rule

#: A field of a draft. Left out, it stays as it is; null clears it.
Text: TypeAlias = str | UnsetType | None
Number: TypeAlias = float | UnsetType | None
Whole: TypeAlias = int | UnsetType | None
Flag: TypeAlias = bool | UnsetType
Tree: TypeAlias = dict[str, Any] | UnsetType | None

Values = Mapping[str, Any]


class Draft(Struct, kw_only=True, forbid_unknown_fields=True):
    """What somebody wants a record to be. A field that is left out stays as it is."""


class Part(Draft):
    """One record in a list that is sent whole. With ``id`` it is one that is there already."""

    id: UUID | UnsetType = UNSET


def nothing_together(_values: Values) -> Iterator[FieldError]:
    """Find no mistake between fields."""
    return iter(())


@dataclass(frozen=True, slots=True)
class Spec:
    """A kind of record.

    ``rules`` are by column, and the draft has fields of the same names; ``needed`` says what is
    missing where nothing is given; ``together`` finds what is wrong between fields of a whole
    record. ``parts`` are the lists that a draft can have, by their names.
    """

    table: str
    words: str
    rules: Mapping[str, Rule]
    needed: Mapping[str, str] = field(default_factory=dict)
    together: Callable[[Values], Iterator[FieldError]] = nothing_together
    parts: Mapping[str, "PartSpec"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PartSpec:
    """Records of a kind that hang on another by the column ``owner``."""

    spec: Spec
    owner: str
