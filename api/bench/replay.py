"""The ceiling of booking: recorded statements, run again and again without us in between.

What was unique to the recorded booking becomes a variable, everything else stays as it was.
The variables are ``slot``, ``place``, ``client``, the number of who books, and ``id``, which is new
for every booking.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa

from api.bench.figures import Figures
from api.bench.load import run_alone
from api.bench.processes import BenchError
from api.bench.recording import Step
from api.bench.towns import FIRST
from directory.database import Database

#: Numbers that a client of pgbench has for itself; more than it can use up in a minute.
NUMBERS_PER_CLIENT = 1_000_000

_PARAMETER = re.compile(r"%\((\w+)\)s")
_TPS = re.compile(r"tps = ([\d.]+)")


class Variable(NamedTuple):
    """What takes the place of a recorded value: letters and digits, then a changing number."""

    name: str
    prefix: str = ""


#: The recorded values that no two bookings share.
Unique = Mapping[Any, Variable]


def _variable_of(name: str, value: Any, unique: Unique) -> Variable | None:
    if name == "place":  # a small number like many others: only its name tells it
        return Variable("place")
    return unique.get(value) if isinstance(value, str) or hasattr(value, "hex") else None


def pgbench_script(steps: Sequence[Step], unique: Unique, *, clients: int, slots: int) -> str:
    """Write the steps for pgbench: every client books its own share of the slots in turn.

    With fewer slots than clients all book in the first, each its own place.
    """
    each = slots // clients
    shared_out = (
        f"\\set slot {FIRST} + :client_id + {clients} * (:n % {each})",
        f"\\set place 1 + :n / {each}",
    )
    in_one = (f"\\set slot {FIRST}", "\\set place 1 + :client_id")
    head = (
        "\\set n :n + 1",
        *(shared_out if each else in_one),
        f"\\set client {FIRST} + :client_id",
        f"\\set id {FIRST} + :client_id * {NUMBERS_PER_CLIENT} + :n",
    )
    return "\n".join([*head, *(_pgbench_line(step, unique) for step in steps), ""])


def _pgbench_line(step: Step, unique: Unique) -> str:
    values = dict(zip(step.names, step.values, strict=True))

    def written(found: re.Match[str]) -> str:
        variable = _variable_of(found[1], values[found[1]], unique)
        if variable is None:
            return _literal(values[found[1]])
        return (
            f"('{variable.prefix}' || :{variable.name})" if variable.prefix else f":{variable.name}"
        )

    return " ".join(_PARAMETER.sub(written, step.sql).replace("%%", "%").split()) + ";"


def _literal(value: Any) -> str:
    from psycopg import sql  # noqa: PLC0415  (an extra; only PostgreSQL needs it)

    return sql.Literal(value).as_string(None)


def run_pgbench(url: str, script: str, folder: Path, *, clients: int, seconds: float) -> Figures:
    """Have pgbench run a script for whole seconds. Raises ``BenchError`` if anything fails."""
    path = folder / "booking.pgbench"
    path.write_text(script)
    server = sa.make_url(url)
    options = f"-n -M prepared -c {clients} -j {min(clients, os.cpu_count() or 1)} -D n=0"
    address = f"-h {server.host} -p {server.port or 5432} -U {server.username}"
    done = subprocess.run(  # noqa: S603  (our own arguments)
        [
            str(shutil.which("pgbench")),
            *options.split(),
            *address.split(),
            *("-T", str(max(1, round(seconds))), "-f", str(path), str(server.database)),
        ],
        env={**os.environ, **({"PGPASSWORD": server.password} if server.password else {})},
        capture_output=True,
        text=True,
        check=False,
    )
    found = _TPS.search(done.stdout)
    if done.returncode or found is None:
        raise BenchError(f"pgbench failed: {done.stderr.strip()[-300:]}")
    return Figures(per_second=float(found[1]))


def run_sqlite(
    database: Database,
    steps: Sequence[Step],
    unique: Unique,
    *,
    slots: int,
    clients: int,
    seconds: float,
) -> Figures:
    """Run the steps over and over, for the clients in turn: one thread, one bare connection."""
    with closing(database.engine.raw_connection()) as connection:
        cursor = connection.driver_connection.cursor()  # type: ignore[union-attr]  # it is open
        fill = [_filler(step, unique) for step in steps]

        def book(n: int) -> None:
            numbers = {
                "id": FIRST + n,
                "slot": FIRST + n % slots,
                "place": 1 + n // slots if slots > 1 else 1,
                "client": FIRST + n % clients,
            }
            for step, values in zip(steps, fill, strict=True):
                cursor.execute(step.sql, values(numbers)).fetchall()

        return run_alone(book, seconds)


def _filler(step: Step, unique: Unique) -> Callable[[Mapping[str, int]], list[Any]]:
    """Return how to make a step's values from the numbers of a booking."""
    names = step.names or [""] * len(step.values)
    recorded = [
        (value, _variable_of(name, value, unique))
        for name, value in zip(names, step.values, strict=True)
    ]

    def fill(numbers: Mapping[str, int]) -> list[Any]:
        return [
            value
            if variable is None
            else f"{variable.prefix}{numbers[variable.name]}"
            if variable.prefix
            else numbers[variable.name]
            for value, variable in recorded
        ]

    return fill
