"""Nobody works a small number out of a report, whatever they subtract from what."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import product
from random import Random

import pytest

from directory import small_cells
from directory.quarters import Quarter
from directory.small_cells import LEAST, without_small
from directory.unmet_need import OTHER, Kind, Outcome, Results, area_of
from directory.unmet_need_report import (
    ELSEWHERE,
    Ending,
    Reason,
    Report,
    Tables,
    report_of,
    tables_of,
)
from tests.directory.report_attacker import (
    OUTCOMES,
    Cell,
    Cells,
    Statement,
    World,
    beliefs,
    derive,
    statements,
)

DAY = date(2030, 2, 11)
QUARTER = Quarter(2030, 1)
WORLD = World(
    frozenset({"food", "dental", "mental-health", OTHER}),
    frozenset({"MI:Ingham_County", "489", "MI", area_of("food", None)}),
)

#: What each outcome is reported as.
REPORTED: Mapping[Outcome, str] = {
    Outcome.STEPS: "other",
    Outcome.NOT_REMOTE: "other",
    Outcome.NO_TIME: "full",
}


def searches(seed: int) -> Counter[Kind]:
    """Made-up counts of a quarter: many small, some large, some none."""
    random = Random(seed)  # noqa: S311  (made-up data)
    usual = random.choice((2, 5, 15, 60))
    made: Counter[Kind] = Counter()
    for need, area, outcome in product(sorted(WORLD.needs), sorted(WORLD.areas), Outcome):
        if random.random() < 0.6:
            n = round(random.expovariate(1 / usual))
            made[Kind(DAY, need, area, Results.NONE, outcome)] = n
    return +made


def truth(made: Mapping[Kind, int]) -> Counter[Cell]:
    """What nobody may know."""
    cells: Counter[Cell] = Counter()
    for kind, n in made.items():
        area = kind.area
        if kind.need == "mental-health":
            area = {"MI:Ingham_County": "MI", "489": ELSEWHERE}.get(area, area)
        cells[Cell(kind.need, area, REPORTED.get(kind.outcome, kind.outcome))] += n
    return cells


def report(seed: int) -> Report:
    return report_of(QUARTER, tables_of(searches(seed)))


# ------------------------------------------------------------------------------- the attack


def attack(seeds: Iterable[int]) -> None:
    """Check that nothing is found, and that what the attacker reads in the reports is true.

    Reports of two quarters count nothing in common: who attacks each attacks them together.
    """
    for seed in seeds:
        told, true = report(seed), truth(searches(seed))
        said = statements(told, WORLD)
        for each in said:
            assert sum(true[cell] for cell in each.cells) == each.searches >= LEAST, seed
        assert derive(said + beliefs(told, WORLD)) == set(), seed


def test_attacker_derives_no_small_number() -> None:
    attack(range(12))


@pytest.mark.long
def test_attacker_derives_no_small_number_of_a_thousand_reports() -> None:
    attack(range(1000))


def test_attacker_succeeds_where_nothing_goes_along_with_what_is_small(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def only_small(parts: Mapping[str, int], _home: str) -> set[str]:
        return {part for part, n in parts.items() if n < LEAST}

    monkeypatch.setattr(small_cells, "_going", only_small)
    told = report(1)

    assert derive(statements(told, WORLD)) != set()


def test_attacker_succeeds_where_home_is_nothing_that_can_be_counted() -> None:
    """Three areas of at most ten that hold 28 together hold no fewer than eight each."""
    parts = [frozenset({Cell("food", area, "found")}) for area in ("a", "b", "c")]
    believed = [Statement(part | {Cell("", "", str(part))}, 10) for part in parts]

    assert derive([Statement(frozenset().union(*parts), 28), *believed]) == set(parts)


def test_attacker_succeeds_where_small_numbers_are_blanked_and_totals_are_true() -> None:
    for seed in range(5):
        true = truth(searches(seed))
        shown = [Statement(frozenset({cell}), n) for cell, n in true.items() if n >= LEAST]
        totals = [Statement(cells, sum(true[cell] for cell in cells)) for cells in margins()]
        small = derive([*shown, *totals])

        assert small
        assert all(1 <= sum(true[cell] for cell in cells) < LEAST for cells in small)


def margins() -> list[Cells]:
    """The rows and columns that a plain table of each outcome would have."""
    return [
        frozenset(map(Cell._make, product(needs, areas, {outcome})))
        for outcome in frozenset().union(*OUTCOMES.values())
        for needs, areas in (
            *(({need}, WORLD.areas) for need in WORLD.needs),
            *((WORLD.needs, {area}) for area in WORLD.areas),
        )
    ]


# --------------------------------------------------------------------------------- the proof


def twin_of(told: Tables, *, need: str = "", area: str = "", reason: str = "") -> Counter[Kind]:
    """Return searches that make the very same report, with nothing but what it shows.

    Of one need as many as can be were in one area and found nothing for one reason.
    """
    twin: Counter[Kind] = Counter()
    for (of, where, ending), n in told.by_area.items():
        if ending is not Ending.NOT_FOUND:
            twin[Kind(DAY, of, where, Results.NONE, Outcome(ending))] = n
    for of in {key[0] for key in told.by_reason}:
        areas = Counter(
            {a: n for (o, a, e), n in told.by_area.items() if (o, e) == (of, "not_found")}
        )
        reasons = Counter({r: n for (o, r), n in told.by_reason.items() if o == of})
        for where, why in sorted(
            product(areas, reasons), key=lambda each: (of, *each) != (need, area, reason)
        ):
            n = min(areas[where], reasons[why])
            outcome = Outcome.STEPS if why is Reason.OTHER else Outcome(why)
            twin[Kind(DAY, of, where, Results.NONE, outcome)] = n
            areas[where] -= n
            reasons[why] -= n
    return +twin


def test_whatever_is_small_could_just_as_well_be_none_or_many() -> None:
    """For each number that a report does not tell there are searches with the very same report
    where it is not small: so nobody knows that it is, whatever they know about reports.
    """
    for seed in range(40):
        told = tables_of(searches(seed))
        pairs = [
            (need, area, reason)
            for (need, area, ending), (of, reason) in product(told.by_area, told.by_reason)
            if (ending, of) == (Ending.NOT_FOUND, need)
        ]  # all others are none in any twin
        assert tables_of(twin_of(told)) == told
        assert {cell.area for cell in truth(twin_of(told))} <= WORLD.areas

        for need, area, reason in pairs:
            twin = twin_of(told, need=need, area=area, reason=reason)

            assert tables_of(twin) == told
            assert truth(twin)[Cell(need, area, reason)] >= LEAST


# ------------------------------------------------------------------------------ counts as such

HOMES = ("home", "home")


@pytest.mark.parametrize(
    ("counts", "kept"),
    [
        ({}, {}),
        ({("a", "b", "c"): 10}, {}),
        ({("a", "b", "c"): 11}, {("a", "b", "c"): 11}),
        ({("a", "b", "c"): 0}, {}),
        (  # a small one goes home, where there are enough already
            {("a", "b", "c"): 3, ("a", "home", "c"): 20},
            {("a", "home", "c"): 23},
        ),
        (  # and takes the smallest of the others along where there are not
            {("a", "b", "c"): 3, ("a", "d", "c"): 30, ("a", "e", "c"): 20},
            {("a", "home", "c"): 23, ("a", "d", "c"): 30},
        ),
        (  # small ones that are many together need nobody
            {("a", "b", "c"): 6, ("a", "d", "c"): 30, ("a", "e", "c"): 5},
            {("a", "home", "c"): 11, ("a", "d", "c"): 30},
        ),
        (  # what is few in all is left out, beside what is not
            {("a", "b", "c"): 3, ("z", "b", "c"): 30},
            {("z", "b", "c"): 30},
        ),
        (  # on the last step too, within what comes before it
            {("a", "b", "c"): 3, ("a", "b", "d"): 12, ("a", "e", "c"): 11},
            {("a", "b", "home"): 15, ("a", "e", "c"): 11},
        ),
    ],
)
def test_small_counts_go_home(
    counts: dict[tuple[str, ...], int], kept: dict[tuple[str, ...], int]
) -> None:
    assert dict(without_small(counts, HOMES)) == kept
