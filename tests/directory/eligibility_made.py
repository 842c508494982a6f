"""Rules and people made up by hypothesis, small enough to try everything, and an oracle."""

from itertools import product

from hypothesis import strategies as st

from directory.eligibility import Facts, Known, condition_holds
from directory.eligibility_rules import Condition, Group, Range, Rule

#: Yes-or-no facts are enough for the logic: what a condition is about does not matter to it.
FLAGS = ("veteran", "pregnant")


def _ranges(low: int) -> st.SearchStrategy[Range]:
    return st.builds(lambda least, more: Range(least, least + more), st.integers(low, 8), _MORE)


_MORE = st.integers(0, 4)
conditions: st.SearchStrategy[Condition] = st.one_of(
    st.builds(Condition, st.sampled_from(FLAGS), st.booleans()),
    st.builds(Condition, st.just("household_size"), _ranges(1)),
    st.builds(Condition, st.just("age"), st.integers(0, 8).map(Range)),
    st.builds(Condition, st.just("age"), st.integers(0, 8).map(lambda most: Range(None, most))),
    st.builds(Condition, st.just("documents"), st.sampled_from(("photo-id", "lease"))),
    st.builds(
        Condition,
        st.just("housing"),
        st.sets(st.sampled_from(("shelter", "renting", "owning")), min_size=1).map(
            lambda texts: tuple(sorted(texts))
        ),
    ),
    st.builds(Condition, st.just("children_ages"), _ranges(0)),
)


def _groups(parts: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule]:
    kinds: st.SearchStrategy[Rule] = st.builds(
        Group,
        st.sampled_from(("all", "any")),
        st.lists(parts, min_size=1, max_size=4).map(tuple),
    )
    return kinds


rules: st.SearchStrategy[Rule] = st.recursive(conditions, _groups, max_leaves=9)

#: For each fact of the conditions above, what it may be known as.
_values: dict[str, st.SearchStrategy[Known]] = {
    "veteran": st.booleans(),
    "pregnant": st.booleans(),
    "household_size": st.integers(1, 10),
    "age": st.one_of(st.integers(0, 10), st.floats(0, 10)),
    "documents": st.frozensets(st.sampled_from(("photo-id", "lease", "referral"))),
    "housing": st.sampled_from(("shelter", "renting", "owning", "institution")),
    "children_ages": st.lists(st.integers(0, 12), max_size=3).map(tuple),
}

#: Everything known about somebody.
people: st.SearchStrategy[Facts] = st.fixed_dictionaries(_values)

#: Something known about somebody, and all the rest that could be.
told: st.SearchStrategy[tuple[Facts, Facts]] = st.tuples(
    people, st.frozensets(st.sampled_from(sorted(_values)))
).map(lambda pair: ({name: pair[0][name] for name in pair[1]}, pair[0]))

Value = bool | None
VALUES = (True, False, None)

#: Kleene's tables, as he gave them (Introduction to Metamathematics, section 64): T, F, U.
CONJUNCTION = dict(
    zip(
        product(VALUES, VALUES),
        (True, False, None, False, False, False, None, False, None),
        strict=True,
    )
)
DISJUNCTION = dict(
    zip(
        product(VALUES, VALUES),
        (True, True, True, True, False, None, True, None, None),
        strict=True,
    )
)


def by_table(rule: Rule, facts: Facts) -> bool | None:
    """Evaluate by folding the two tables over the parts: the slow and obvious way."""
    if isinstance(rule, Condition):
        return condition_holds(rule, facts)
    table = CONJUNCTION if rule.kind == "all" else DISJUNCTION
    value, *others = [by_table(part, facts) for part in rule.parts]
    for other in others:
        value = table[value, other]
    return value
