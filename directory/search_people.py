"""Which search rows are for somebody: the rules that they name, held against what is known."""

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, is_one_of
from directory.eligibility import Facts, Judgement, Verdict, judge, verdict_of
from directory.eligibility_rules import Rule
from directory.known_facts import facts_to_ask
from directory.offers import entries
from directory.search_rules import find_rules

Condition = sa.ColumnElement[bool]


def judge_rules(
    session: Session, about: Sequence[Condition], facts: Facts
) -> Mapping[UUID, Verdict]:
    """Return what the rules of the rows that are asked about say of somebody, each once.

    Nothing without facts: then no rule could say anything.
    """
    if not facts:
        return {}
    named = sa.select(entries.c.rule_id).where(*about, entries.c.rule_id.is_not(None)).distinct()
    ids = session.connection().execute(named).scalars().all()
    return {id_: verdict_of(rule, facts) for id_, rule in find_rules(session, ids).items()}


def is_not_refused(session: Session, people: Mapping[UUID, Verdict]) -> Condition:
    """Return the condition that a row is not known to be for others; one without a rule is not."""
    refused = [id_ for id_, verdict in people.items() if verdict is Verdict.NOT_ELIGIBLE]
    return sa.or_(entries.c.rule_id.is_(None), ~is_one_of(session, entries.c.rule_id, refused))


def tally_verdicts(
    rules: Mapping[UUID | None, int], people: Mapping[UUID, Verdict]
) -> Counter[Verdict | None]:
    """Count what is said of somebody, given how many rows have each rule; None is without one."""
    tally: Counter[Verdict | None] = Counter()
    for id_, count in rules.items():
        tally[None if id_ is None else people.get(id_, Verdict.NEEDS_MORE)] += count
    return tally


def judge_each(
    session: Session, rows: Sequence[Row], facts: Facts
) -> Mapping[UUID | None, Judgement]:
    """Return what the rules of some rows say of somebody and why, by the rule's id."""
    named = {row["rule_id"] for row in rows if row["rule_id"] is not None}
    return {id_: judge_for(rule, facts) for id_, rule in find_rules(session, named).items()}


def judge_for(rule: Rule, facts: Facts) -> Judgement:
    """Say what a rule says of somebody and why.

    What to ask for are facts that people can tell (``directory.known_facts``).
    """
    judged = judge(rule, facts)
    return Judgement(judged.verdict, judged.because, facts_to_ask(judged.ask, facts))
