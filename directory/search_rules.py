"""The rules of eligibility that search rows name: each kept once, under an id that is its own.

Most services share a few rules ("adults", "60 and older"), so a search evaluates a handful and
not one for each row. A rule under an id never changes, which lets a process remember it.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Final
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import find_rows, insert_new
from directory.eligibility_rules import Rule, as_json, parse_rule
from directory.models import TABLES

rules = TABLES["search_rule"]

_NAMESPACE: Final = UUID("5d7b4c8e-8a54-5f0e-9a43-0c3a4f6b6d11")

#: So many rules are looked up at a time: databases limit how many values a statement has.
BATCH: Final = 1_000


def id_of(rule: Rule) -> UUID:
    """Return the id of a rule: the same for the same rule, everywhere."""
    return uuid5(_NAMESPACE, _text_of(rule))


def keep_rules(session: Session, wanted: Iterable[Rule]) -> None:
    """Write those rules that are not kept yet."""
    kept = {id_of(rule): as_json(rule) for rule in wanted}
    rows = [{"id": id_, "rule": kept[id_]} for id_ in sorted(kept)]
    insert_new(session, rules, rows, key=["id"])


def find_wrong_rules(session: Session, wanted: Iterable[Rule]) -> dict[UUID, Rule]:
    """Return those of these rules under whose ids something else is kept."""
    named = {id_of(rule): rule for rule in wanted}
    kept = find_rows(session, sa.select(rules).where(rules.c.id.in_(named)))
    return {row["id"]: named[row["id"]] for row in kept if row["rule"] != as_json(named[row["id"]])}


def put_rules_right(session: Session, wanted: Iterable[Rule]) -> None:
    """Write these rules over whatever else is kept under their ids."""
    for id_, rule in find_wrong_rules(session, wanted).items():
        right = sa.update(rules).where(rules.c.id == id_).values(rule=as_json(rule))
        session.connection().execute(right)


def find_rules(session: Session, ids: Collection[UUID]) -> Mapping[UUID, Rule]:
    """Return the rules of these ids."""
    ordered = sorted(ids)
    found: dict[UUID, Rule] = {}
    for start in range(0, len(ordered), BATCH):
        wanted = rules.c.id.in_(ordered[start : start + BATCH])
        for row in find_rows(session, sa.select(rules).where(wanted)):
            found[row["id"]] = _read(json.dumps(row["rule"], sort_keys=True))
    return found


def _text_of(rule: Rule) -> str:
    return json.dumps(as_json(rule), sort_keys=True, separators=(",", ":"))


@lru_cache(maxsize=4_096)
def _read(text: str) -> Rule:
    """Read a kept rule; reading checks its grammar, which costs more than all the rest."""
    return parse_rule(json.loads(text))
