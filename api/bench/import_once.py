"""One import in a process of its own: ``python -m api.bench.import_once URL FOLDER``.

Prints what it did and the most memory it ever had, as JSON on one line.
"""

import resource
import sys
from contextlib import closing
from pathlib import Path
from time import perf_counter, process_time
from typing import Final

import msgspec

from api.cli.importing import settle_memory
from api.clock import read_the_clock
from directory.database import Database
from directory.hsds.load import load_directory, read_directory
from geo.gazetteer import get_zip

_STATUS: Final = Path("/proc/self/status")


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What one import did: rows read, records written or gone, and what that took.

    The seconds are those of the import, the processor's among them; ``peak_mib`` is the most
    memory that the process ever had, from its start.
    """

    rows: int
    written: int
    gone: int
    held_back: int
    read_seconds: float
    seconds: float
    processor_seconds: float
    peak_mib: float


def main(url: str, folder: str) -> None:
    """Import the folder into the database."""
    settle_memory()
    now, begun, used = read_the_clock(), perf_counter(), process_time()
    translation = read_directory(Path(folder), source="bench", now=now, find_zip=get_zip)
    read = perf_counter() - begun
    with (
        closing(translation),
        closing(Database(url)) as database,
        database.transaction() as session,
    ):
        report = load_directory(session, translation, now=now)
    counts = report.counts.values()
    done = Imported(
        rows=sum(each.read for each in counts),
        written=sum(each.written for each in counts),
        gone=sum(each.gone for each in counts),
        held_back=len(report.held_back),
        read_seconds=read,
        seconds=perf_counter() - begun,
        processor_seconds=process_time() - used,
        peak_mib=_peak_mib(),
    )
    sys.stdout.write(msgspec.json.encode(done).decode() + "\n")


def _peak_mib() -> float:
    """Return the most memory in use so far.

    Linux counts the process that started this one into ``ru_maxrss``; its own mark does not.
    """
    if _STATUS.exists():
        for line in _STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main(*sys.argv[1:])
