"""From a draft to what would be written, with every mistake in it named."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa
from msgspec import UNSET, Struct
from sqlmodel import Session

from directory.commands.history import default_of
from directory.database import Row, find_rows
from directory.errors import FieldError, InvalidError
from directory.kinds.specs import PartSpec, Spec
from directory.models import TABLES

#: How many records a list may have.
MOST_PARTS: Final = 100


@dataclass(slots=True)
class Plan:
    """What one record is to become: ``before`` is None where it is to be made.

    ``values`` are by column; ``parts`` has, for each list that was given, what its records are
    to become, and ``gone`` those that it has no more.
    """

    spec: Spec
    before: Row | None
    values: dict[str, Any] = field(default_factory=dict)
    parts: list[tuple[PartSpec, list["Plan"]]] = field(default_factory=list)
    gone: list[tuple[PartSpec, Row]] = field(default_factory=list)
    mistakes: list[FieldError] = field(default_factory=list)

    @property
    def result(self) -> dict[str, Any]:
        """The whole record as it is to be."""
        return {**(self.before or defaults_of(self.spec.table)), **self.values}

    @property
    def changes(self) -> bool:
        """Whether the record is to be made, or to become another than it was."""
        before = self.before
        return before is None or any(before[name] != value for name, value in self.values.items())

    def all_mistakes(self) -> Iterator[FieldError]:
        """Yield the mistakes of the record and of all that hangs on it."""
        yield from self.mistakes
        for _, plans in self.parts:
            for plan in plans:
                yield from plan.all_mistakes()


def defaults_of(table: str) -> dict[str, Any]:
    """Return an empty record."""
    return {column.name: default_of(column) for column in TABLES[table].columns}


def plan_record(
    session: Session,
    spec: Spec,
    draft: Struct,
    before: Row | None,
    *,
    path: str = "",
    whole: bool = False,
) -> Plan:
    """Plan a record. ``whole``: what the draft leaves out becomes empty, else it stays.

    What stays as it is need not be right: it may have come from elsewhere.
    """
    plan = Plan(spec, before)
    whole = whole or before is None
    for column in spec.rules:
        given = getattr(draft, column)
        if given is not UNSET or whole:
            _plan_column(plan, column, given, path)
    if not plan.mistakes and plan.changes:
        plan.mistakes += [
            FieldError(f"{path}{at}", said) for at, said in spec.together(plan.result)
        ]
    for name, part in spec.parts.items():
        given = getattr(draft, name)
        if given is not UNSET or (whole and before is not None):
            _plan_list(session, plan, part, given or (), f"{path}{name}")
    return plan


def _plan_column(plan: Plan, column: str, given: Any, path: str) -> None:
    if given is not None and plan.before is not None and given == plan.before[column]:
        plan.values[column] = given
        return
    try:
        value = None if given is UNSET or given is None else plan.spec.rules[column](given)
    except ValueError as error:
        plan.mistakes.append(FieldError(f"{path}{column}", str(error)))
        return
    except InvalidError as error:
        plan.mistakes += [FieldError(f"{path}{at}", said) for at, said in error.errors]
        return
    if value is None and column in plan.spec.needed:
        plan.mistakes.append(FieldError(f"{path}{column}", plan.spec.needed[column]))
    if value is None:
        value = default_of(TABLES[plan.spec.table].c[column])
    plan.values[column] = value


def _plan_list(
    session: Session, plan: Plan, part: PartSpec, drafts: Sequence[Any], path: str
) -> None:
    """Plan a list of records, which takes the place of the whole list that there was."""
    there = find_parts(session, part, plan.before) if plan.before is not None else {}
    plans = []
    if len(drafts) > MOST_PARTS:
        plan.mistakes.append(FieldError(path, f"Give at most {MOST_PARTS} of them."))
        return
    for index, draft in enumerate(drafts):
        at = f"{path}.{index}"
        before = None
        if draft.id is not UNSET:
            before = there.pop(draft.id, None)
            if before is None:
                plan.mistakes.append(FieldError(f"{at}.id", "There is no such record here."))
        plans.append(plan_record(session, part.spec, draft, before, path=f"{at}.", whole=True))
    for index, draft in enumerate(drafts):  # those without an id may be as they were
        same = _same(plans[index], there) if draft.id is UNSET else None
        if same is not None:
            before = there.pop(same["id"])
            plans[index] = plan_record(
                session, part.spec, draft, before, path=f"{path}.{index}.", whole=True
            )
    plan.parts.append((part, plans))
    plan.gone += [(part, row) for row in there.values()]


def _same(plan: Plan, there: Mapping[Any, Row]) -> Row | None:
    for row in there.values():
        if all(row[column] == value for column, value in plan.values.items()):
            return row
    return None


def find_parts(session: Session, part: PartSpec, owner: Row) -> dict[Any, Row]:
    """Return the records of a list by their ids."""
    rows = TABLES[part.spec.table]
    found = find_rows(
        session, sa.select(rows).where(rows.c[part.owner] == owner["id"]).order_by(rows.c.id)
    )
    return {row["id"]: row for row in found}
