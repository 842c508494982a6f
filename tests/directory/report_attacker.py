"""Somebody who has every number of a report, knows how reports are made, and can do sums.

The unknowns are how often was searched for each need, in each area, with each outcome. Every
number of a report says what some of them add up to. The attacker eliminates all that can be
eliminated, narrows down what is left as far as it goes, and believes that whatever is not shown
is small, even where it was only kept back beside something small.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import NamedTuple

from directory.small_cells import LEAST
from directory.unmet_need import OTHER
from directory.unmet_need_report import ELSEWHERE, Ending, Line, NeedLines, Reason, Report

#: What each ending is made of.
OUTCOMES: Mapping[Ending, frozenset[str]] = {
    Ending.FOUND: frozenset({"found"}),
    Ending.FARTHER: frozenset({"farther"}),
    Ending.NOT_FOUND: frozenset(Reason),
}


class Cell(NamedTuple):
    """Searches for one need, in one area, with one outcome: an ending, or a reason."""

    need: str
    area: str
    outcome: str


Cells = frozenset[Cell]


class World(NamedTuple):
    """All that could have been searched for."""

    needs: frozenset[str]
    areas: frozenset[str]


class Statement(NamedTuple):
    """These cells hold so many searches together."""

    cells: Cells
    searches: int


# ---------------------------------------------------------------------------- reading a report


def statements(report: Report, world: World) -> list[Statement]:
    """Return what each number of a report says."""
    said: list[Statement] = []
    for lines in report.needs:
        for ending in shown(lines.line):
            needs, outcomes = _needs(report, lines.need, ending, world), OUTCOMES[ending]
            said.append(_statement(needs, world.areas, outcomes, lines.line, ending))
            for area, line in lines.areas:
                if ending in shown(line):
                    areas = _areas(lines, area, ending, world)
                    said.append(_statement(needs, areas, outcomes, line, ending))
        for reason, searches in lines.reasons:
            needs = _needs(report, lines.need, Ending.NOT_FOUND, world)
            said.append(Statement(_cells(needs, world.areas, _reasons(lines, reason)), searches))
    in_all = [
        _statement(world.needs, world.areas, OUTCOMES[ending], report.line, ending)
        for ending in shown(report.line)
    ]
    return [*said, *in_all]


def beliefs(report: Report, world: World) -> list[Statement]:
    """Return that all that is not shown is small: it, and an unknown rest, are 10."""
    small: list[Cells] = []
    for ending, outcomes in OUTCOMES.items():
        told = [lines for lines in report.needs if ending in shown(lines.line)]
        few = world.needs - {lines.need for lines in told} - {OTHER}
        small += [_cells({need}, world.areas, outcomes) for need in few]
        for lines in told:
            needs = _needs(report, lines.need, ending, world)
            hidden = _areas(lines, ELSEWHERE, ending, world) - {ELSEWHERE}
            small += [_cells(needs, {area}, outcomes) for area in hidden]
    for lines in report.needs:
        if lines.reasons:
            needs = _needs(report, lines.need, Ending.NOT_FOUND, world)
            unsaid = _reasons(lines, Reason.OTHER) - {Reason.OTHER}
            small += [_cells(needs, world.areas, {reason}) for reason in unsaid]
    return [
        Statement(cells | {Cell("", "", f"rest {number}")}, LEAST - 1)
        for number, cells in enumerate(small)
    ]


def shown(line: Line) -> list[Ending]:
    """Return the endings that a line tells."""
    return [ending for ending in Ending if getattr(line, ending) is not None]


def _statement(
    needs: Collection[str],
    areas: Collection[str],
    outcomes: Collection[str],
    line: Line,
    ending: Ending,
) -> Statement:
    return Statement(_cells(needs, areas, outcomes), getattr(line, ending))


def _cells(needs: Collection[str], areas: Collection[str], outcomes: Collection[str]) -> Cells:
    return frozenset(map(Cell._make, product(needs, areas, outcomes)))


def _needs(report: Report, need: str, ending: Ending, world: World) -> frozenset[str]:
    """Return the needs that a line counts: its own; ``OTHER``'s those that are not shown, too."""
    told = {lines.need for lines in report.needs if ending in shown(lines.line)}
    return frozenset({need} | (world.needs - told if need == OTHER else set()))


def _areas(lines: NeedLines, area: str, ending: Ending, world: World) -> frozenset[str]:
    """Return the areas that a line counts, in the same way."""
    told = {each for each, line in lines.areas if ending in shown(line)}
    return frozenset({area} | (world.areas - told if area == ELSEWHERE else set()))


def _reasons(lines: NeedLines, reason: Reason) -> frozenset[str]:
    """Return the reasons that a number counts, in the same way."""
    told = {each for each, _ in lines.reasons}
    return frozenset({reason} | (set(Reason) - told if reason is Reason.OTHER else set()))


# --------------------------------------------------------------------------------- doing sums

#: Factors of unknowns by their number, and the sum of it all.
Equation = dict[int, Fraction]
SUM = -1

Bounds = tuple[Fraction, Fraction]
ANY = Fraction(10**9)


def derive(said: Sequence[Statement]) -> set[Cells]:
    """Return the sets of cells that are sure to hold 1 to 10 searches together."""
    blocks = _blocks(said)
    given = [
        {i: Fraction(1) for i, block in enumerate(blocks) if block <= each.cells}
        | {SUM: Fraction(each.searches)}
        for each in said
    ]
    equations = [*given, *_solved(given)]
    found = {
        frozenset[Cell]().union(*(blocks[i] for i in equation.keys() - {SUM}))
        for equation in equations
        if all(equation[i] == 1 for i in equation.keys() - {SUM}) and 1 <= equation[SUM] < LEAST
    }
    bounds = _narrowed(equations, len(blocks))
    found |= {
        block
        for block, (least, most) in zip(blocks, bounds, strict=True)
        if least >= 1 and most < LEAST
    }
    return {cells for cells in found if all(cell.need for cell in cells)}


def _blocks(said: Sequence[Statement]) -> list[Cells]:
    """Put the cells together that no statement tells apart."""
    together: defaultdict[tuple[int, ...], set[Cell]] = defaultdict(set)
    for cell in frozenset[Cell]().union(*(each.cells for each in said)):
        together[tuple(i for i, each in enumerate(said) if cell in each.cells)].add(cell)
    return [frozenset(cells) for cells in together.values()]


def _solved(equations: Sequence[Equation]) -> list[Equation]:
    """Eliminate as Gauss and Jordan do, exactly."""
    solved: dict[int, Equation] = {}
    for equation in equations:
        left = equation
        for pivot, other in solved.items():
            left = _without(left, pivot, other)
        pivot = next((i for i in left if i != SUM), SUM)
        if pivot == SUM:
            continue
        left = {i: n / left[pivot] for i, n in left.items()}
        solved = {i: _without(other, pivot, left) for i, other in solved.items()} | {pivot: left}
    return list(solved.values())


def _without(equation: Equation, pivot: int, other: Equation) -> Equation:
    """Subtract another equation so often that its pivot is gone."""
    times = equation.get(pivot, Fraction(0))
    if not times:
        return equation
    left = {
        i: equation.get(i, Fraction(0)) - times * other.get(i, Fraction(0))
        for i in equation.keys() | other.keys()
    }
    return {i: n for i, n in left.items() if n or i == SUM}


def _narrowed(equations: Sequence[Equation], unknowns: int) -> list[Bounds]:
    """Narrow each unknown by what the others of its equations can be, until nothing moves."""
    bounds: list[Bounds] = [(Fraction(0), ANY)] * unknowns
    moved = True
    while moved:
        moved = False
        for equation in equations:
            for unknown in equation.keys() - {SUM}:
                narrower = _narrower(equation, unknown, bounds)
                moved |= narrower != bounds[unknown]
                bounds[unknown] = narrower
    return bounds


def _narrower(equation: Equation, unknown: int, bounds: Sequence[Bounds]) -> Bounds:
    others = [
        sorted(equation[i] * bound for bound in bounds[i]) for i in equation.keys() - {SUM, unknown}
    ]
    ends = sorted(
        (equation[SUM] - sum(each[side] for each in others)) / equation[unknown] for side in (0, 1)
    )
    least, most = bounds[unknown]
    return max(least, ends[0]), min(most, ends[1])
