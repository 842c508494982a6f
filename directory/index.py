"""Keeping the search tables true: the one writer of ``search_entry`` and what hangs on it.

A row is made anew from its sources, never patched, so that there is one way for it to be right.
Every command that changes something a search can see calls ``refresh_services`` in its own
transaction. The cost is that of the services named, whatever the size of the directory.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_rows
from directory.dated_prices import next_change
from directory.eligibility_rules import Rule
from directory.folding import fold
from directory.hours import current_or_next
from directory.models.locations import LocationType
from directory.models.services import ServiceStatus
from directory.offers import (
    Offer,
    Surroundings,
    entries,
    find_offers,
    find_surroundings,
    is_public,
    search_areas,
    search_shapes,
    services,
)
from directory.opening_rules import OpeningRule
from directory.queries.checks import find_truth
from directory.queries.schedules import find_opening_rules
from directory.search_rules import find_wrong_rules, id_of, keep_rules, put_rules_right
from directory.search_text import text_of
from directory.search_words import keep_vocabulary
from directory.service_areas import found_under, polygon_cells, polygon_word
from geo.grid import cell_of
from geo.points import Point, to_earth_centred

#: How many services are refreshed at a time; bounds both memory and the length of IN lists.
BATCH = 500

#: Words with which an agency says in ``fees_description`` that it costs nothing, folded.
_FREE_WORDS = ("free", "no cost", "no charge", "no fee", "none", "gratis")


_NEXT_HOURS = (
    sa.update(entries)
    .where(entries.c.id == sa.bindparam("its_id"), entries.c.closes_at == sa.bindparam("its_end"))
    .values(
        {
            name: sa.bindparam(f"new_{name}")
            for name in ("hours_known", "by_appointment", "opens_at", "closes_at")
        }
    )
)


def refresh_services(session: Session, service_ids: Collection[UUID], *, now: datetime) -> int:
    """Make the search rows of these services anew; return how many there are now."""
    ordered = sorted(service_ids)
    batches = (ordered[i : i + BATCH] for i in range(0, len(ordered), BATCH))
    return sum(_refresh(session, batch, now) for batch in batches)


def mend_services(session: Session, service_ids: Collection[UUID], *, now: datetime) -> int:
    """Make search rows anew that ``find_stale_services`` found, with the rules that they name."""
    put_rules_right(session, _make(session, sorted(service_ids), now).rules)
    return refresh_services(session, service_ids, now=now)


def forget_rows(session: Session, which: sa.ColumnElement[bool]) -> None:
    """Delete search rows of what is about to be removed, with the words that only they had."""
    connection = session.connection()
    texts = connection.execute(sa.select(entries.c.text).where(which)).scalars().all()
    connection.execute(sa.delete(entries).where(which))
    keep_vocabulary(session, before=texts, after=())


def refresh_hours(session: Session, *, now: datetime, limit: int = BATCH) -> int:
    """Give rows whose stored opening interval is over the next one; return how many there were.

    Only keeps searches quick: until it runs, a search looks such hours up by itself. The rest of
    a row stays. A row that somebody else is making anew meanwhile is left to them.
    """
    connection = session.connection()
    over = find_rows(
        session,
        sa.select(entries).where(entries.c.closes_at <= now).order_by(entries.c.closes_at)
        .limit(limit),
    )  # fmt: skip
    rules = find_opening_rules(session, over)
    changes = [
        {
            "its_id": row["id"],
            "its_end": row["closes_at"],
            **{f"new_{name}": value for name, value in _hours(row, rules[row["id"]], now).items()},
        }
        for row in over
    ]
    if changes:
        connection.execute(_NEXT_HOURS, changes)
    return len(changes)


def find_stale_services(
    session: Session, *, now: datetime, told: Callable[[int, int], object] | None = None
) -> set[UUID]:
    """Return the services whose rows are not what they would be if they were made now.

    An opening interval that is over is not held against a row: a search looks such hours up
    by itself. Reads the whole directory, some at a time; ``told`` hears how many services of
    how many were looked at.
    """
    total = session.connection().scalar(sa.select(sa.func.count()).select_from(services)) or 0
    stale: set[UUID] = set()
    done = 0
    for some in _some_at_a_time(session):
        stale |= _stale_among(session, some, now)
        done += len(some)
        if told is not None:
            told(done, total)
    return stale


def _some_at_a_time(session: Session) -> Iterator[Sequence[UUID]]:
    """Yield the ids of all services."""
    after = UUID(int=0)
    following = sa.select(services.c.id).order_by(services.c.id).limit(BATCH)
    while True:
        found = following.where(services.c.id > after)
        some = session.connection().execute(found).scalars().all()
        if not some:
            return
        yield some
        after = some[-1]


def _stale_among(session: Session, service_ids: Sequence[UUID], now: datetime) -> set[UUID]:
    mine = sa.select(entries).where(entries.c.service_id.in_(service_ids))
    stored = {row["id"]: dict(row) for row in find_rows(session, mine)}
    ids = mine.with_only_columns(entries.c.id)
    stored_areas, stored_shapes = (
        _by_entry(find_rows(session, sa.select(table).where(table.c.entry_id.in_(ids))))
        for table in (search_areas, search_shapes)
    )
    made = _make(session, service_ids, now)
    areas, drawn = _by_entry(made.areas), _by_entry(made.shapes)
    wrong_rules = find_wrong_rules(session, made.rules)
    rows = {row["id"]: row for row in made.entries}
    return {
        (rows.get(id_) or stored[id_])["service_id"]
        for id_ in rows.keys() | stored.keys()
        if not _agree(stored.get(id_), rows.get(id_), now)
        or stored_areas.get(id_) != areas.get(id_)
        or stored_shapes.get(id_) != drawn.get(id_)
        or (id_ in rows and rows[id_]["rule_id"] in wrong_rules)
    }


def _by_entry(rows: Sequence[Row]) -> dict[UUID, set[frozenset[Any]]]:
    """Return what hangs on each search row, to compare."""
    found: dict[UUID, set[frozenset[Any]]] = {}
    for row in rows:
        found.setdefault(row["entry_id"], set()).add(frozenset(row.items()))
    return found


def _agree(stored: dict[str, Any] | None, made: dict[str, Any] | None, now: datetime) -> bool:
    if stored is None or made is None:
        return False
    if _is_over(stored, now) or _say_the_same(stored, made, now):
        made = {**made, "opens_at": stored["opens_at"], "closes_at": stored["closes_at"]}
    return all(stored[name] == value for name, value in made.items())


def _is_over(row: Mapping[str, Any], now: datetime) -> bool:
    """Say whether the stored interval settles nothing any more, or there was none to store."""
    return row["closes_at"] is None or row["closes_at"] <= now


def _say_the_same(stored: Mapping[str, Any], made: Mapping[str, Any], now: datetime) -> bool:
    """Say whether both are open now, to the same end or for more than a week without a break."""
    if not (_is_open(stored, now) and _is_open(made, now)):
        return False
    ends_together: bool = stored["closes_at"] == made["closes_at"]
    return ends_together or made["closes_at"] - made["opens_at"] >= timedelta(days=7)


def _is_open(row: Mapping[str, Any], now: datetime) -> bool:
    return row["opens_at"] is not None and row["opens_at"] <= now < row["closes_at"]


def _refresh(session: Session, service_ids: Sequence[UUID], now: datetime) -> int:
    made = _make(session, service_ids, now)
    connection = session.connection()
    keep_rules(session, made.rules)
    mine = entries.c.service_id.in_(service_ids)
    before = connection.execute(sa.select(entries.c.text).where(mine)).scalars().all()
    # What hangs on the rows goes with them: the database sees to that.
    connection.execute(sa.delete(entries).where(mine))
    tables = ((entries, made.entries), (search_areas, made.areas), (search_shapes, made.shapes))
    for table, rows in tables:
        if rows:
            connection.execute(sa.insert(table), rows)
    keep_vocabulary(session, before=before, after=[row["text"] for row in made.entries])
    return len(made.entries)


@dataclass(slots=True)
class _Made:
    """Rows as they are to be: of offers, of the areas these are found by, and of polygons.

    ``rules`` are those of eligibility that the rows name.
    """

    entries: list[dict[str, Any]] = field(default_factory=list)
    areas: list[dict[str, Any]] = field(default_factory=list)
    shapes: list[dict[str, Any]] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)


def _make(session: Session, service_ids: Sequence[UUID], now: datetime) -> _Made:
    session.flush()  # the rows below are read with Core, which does not flush by itself
    offers = find_offers(session, service_ids)
    around = find_surroundings(session, offers)
    hours = find_opening_rules(session, offers)
    vital = {
        offer["id"]: around.vital_fields_of(
            offer, hours=bool(hours[offer["id"]]), on=_today(offer, now)
        )
        for offer in offers
    }
    truth = find_truth(session, offers, vital, now=now)
    made = _Made()
    for offer in offers:
        rule = around.rule_of(offer)
        entry = _entry(offer, around, hours[offer["id"]], now) | truth[offer["id"]]
        made.entries.append(entry | {"rule_id": None if rule is None else id_of(rule)})
        made.areas += _areas(entry)
        made.shapes += _shapes(offer, around)
        if rule is not None:
            made.rules.append(rule)
    return made


def _areas(entry: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for word in sorted(found_under(entry["areas"], placed=entry["cell"] is not None)):
        yield {"word": word, "entry_id": entry["id"]}


def _shapes(offer: Offer, around: Surroundings) -> Iterator[dict[str, Any]]:
    """Yield the cells of the polygons that an offer states; of twins, those of the first."""
    drawn = {row["extent"]: row["id"] for row in reversed(around.polygons_of(offer))}
    for extent, area_id in drawn.items():
        for cell in sorted(polygon_cells(extent)):
            yield {
                "cell": cell,
                "word": polygon_word(extent),
                "entry_id": offer["id"],
                "service_area_id": area_id,
            }


def _entry(
    offer: Offer, around: Surroundings, rules: list[OpeningRule], now: datetime
) -> dict[str, Any]:
    public = is_public(offer)
    address = around.address_of(offer) if public else None
    needs = around.needs_of(offer)
    languages = around.languages_of(offer)
    today = _today(offer, now)
    is_free = _is_free(offer, around, today)
    return {
        "id": offer["id"],
        "service_id": offer["service_id"],
        "organization_id": offer["organization_id"],
        "service_at_location_id": offer["service_at_location_id"],
        "location_id": offer["location_id"] if public else None,
        "service_name": offer["service_name"],
        "organization_name": offer["organization_name"],
        "location_name": offer["location_name"] if public else None,
        "address": address,
        "timezone": offer["timezone"],
        "phone": around.phone_of(offer),
        "needs": _between_spaces(needs),
        "languages": _between_spaces(languages),
        "areas": _between_spaces(around.areas_of(offer)),
        "text": text_of(
            _name_words(offer), _own_words(offer, public=public), around.need_words_of(offer)
        ),
        "is_free": is_free,
        "price_cents": 0 if is_free else around.price_of(offer, today),
        "prices_until": next_change(around.prices_of(offer), ZoneInfo(offer["timezone"]), now),
        "step_free": public and around.is_step_free(offer),
        "remote": _is_remote(offer),
        "temporarily_closed": offer["status"] == ServiceStatus.TEMPORARILY_CLOSED,
        **_position(offer),
        **_hours(offer, rules, now),
        **around.openings_of(offer),
    }


def _between_spaces(codes: Collection[str]) -> str:
    return f" {' '.join(sorted(codes))} " if codes else " "


def _name_words(offer: Offer) -> Iterator[str]:
    yield offer["service_name"]
    yield offer["service_alternate_name"] or ""


def _own_words(offer: Offer, *, public: bool) -> Iterator[str]:
    yield offer["organization_name"]
    yield offer["organization_alternate_name"] or ""
    yield offer["description"] or ""
    if public:
        yield offer["location_name"] or ""


def _today(offer: Offer, now: datetime) -> date:
    return now.astimezone(ZoneInfo(offer["timezone"])).date()


def _is_free(offer: Offer, around: Surroundings, on: date) -> bool:
    amounts = around.amounts_of(offer, on)
    if amounts:
        return not any(amounts)
    return fold(offer["fees_description"] or "").startswith(_FREE_WORDS)


def _is_remote(offer: Offer) -> bool:
    """Say whether there is nowhere to go: no place, or one that is not of this world."""
    return offer["location_id"] is None or offer["location_type"] == LocationType.VIRTUAL


def _position(offer: Offer) -> dict[str, Any]:
    """Return the point in every form that is stored; a place without one has none of them."""
    if offer["latitude"] is None:
        empty = ("latitude", "longitude", "cell", "x", "y", "z")
        return {**dict.fromkeys(empty), "approximate": False}
    point = Point(offer["latitude"], offer["longitude"])
    x, y, z = to_earth_centred(point)
    return {
        "latitude": point.latitude,
        "longitude": point.longitude,
        "approximate": offer["approximate"],
        "cell": cell_of(point),
        "x": x,
        "y": y,
        "z": z,
    }


def _hours(offer: Offer, rules: list[OpeningRule], now: datetime) -> dict[str, Any]:
    interval = current_or_next(rules, ZoneInfo(offer["timezone"]), now) if rules else None
    return {
        "hours_known": bool(rules),
        "by_appointment": any(rule.by_appointment for rule in rules),
        "opens_at": interval.starts_at if interval else None,
        "closes_at": interval.ends_at if interval else None,
    }
