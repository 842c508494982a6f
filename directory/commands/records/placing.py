"""A place and its address: the point it has, and what a place that is not public may not have."""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import UNSET
from sqlmodel import Session

from directory.commands.records.planning import Plan, find_parts
from directory.errors import FieldError
from directory.kinds.locations import (
    ADDRESS,
    HIDDEN_HAS_NO_POINT,
    HIDDEN_HAS_NO_STREET,
    LOCATION,
    leads_to_a_door,
)
from directory.models.locations import LocationType, is_public
from geo.gazetteer import get_zip

_PART = LOCATION.parts["addresses"]
_SAME_SPOT = ("address_1", "city", "state_province", "postal_code")


def place_point(session: Session, plan: Plan, draft: Any) -> None:
    """Put a place where its address is: in the middle of the ZIP code, approximately.

    A point that is given stays, and so does one whose address stays. A new place has the time
    zone of its ZIP code, if none is given.
    """
    if draft.latitude is not UNSET:
        point = ("latitude", "longitude")
        same = plan.before is not None and all(plan.result[n] == plan.before[n] for n in point)
        plan.values["approximate"] = plan.result["approximate"] if same else False
        return
    address = next(_doors(_planned(plan)), None)
    found = get_zip(address["postal_code"]) if address else None
    if found and plan.before is None and draft.timezone in (UNSET, None):
        plan.values["timezone"] = found.timezone
    if not _has_moved(session, plan) or not is_public(plan.result):
        return
    plan.values |= {
        "latitude": found.point.latitude if found else None,
        "longitude": found.point.longitude if found else None,
        "approximate": found is not None,
    }


def _planned(plan: Plan) -> list[dict[str, Any]]:
    return [each.result for part, plans in plan.parts if part.spec is ADDRESS for each in plans]


def _doors(addresses: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    return (each for each in addresses if each["address_type"] is not LocationType.POSTAL)


def _has_moved(session: Session, plan: Plan) -> bool:
    """Say whether the addresses that were given are of another spot than those there were."""
    if not any(part.spec is ADDRESS for part, _ in plan.parts):
        return False
    before = find_parts(session, _PART, plan.before).values() if plan.before else ()
    return {_spot(row) for row in before} != {_spot(each) for each in _planned(plan)}


def _spot(address: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(address[name] for name in _SAME_SPOT)


def place_mistakes(session: Session, plan: Plan) -> Iterator[FieldError]:
    """Yield what is wrong between a place's visibility and its addresses."""
    given = [plans for part, plans in plan.parts if part.spec is ADDRESS]
    if plan.before is None and not plan.result["name"] and not any(given):
        yield FieldError("name", "Give the place a name, or an address.")
    if not is_public(plan.result):
        if plan.values.get("latitude") is not None or plan.values.get("longitude") is not None:
            yield FieldError("latitude", HIDDEN_HAS_NO_POINT)
        for plans in given:
            for index, each in enumerate(plans):
                if leads_to_a_door(each.result):
                    yield FieldError(f"addresses.{index}.address_1", HIDDEN_HAS_NO_STREET)
    elif plan.before is not None and not is_public(plan.before):
        kept = find_parts(session, _PART, plan.before).values() if not given else ()
        if not any(map(leads_to_a_door, [*kept, *_planned(plan)])):
            yield FieldError(
                "addresses", "Give the address again: it was removed when the place was hidden."
            )
