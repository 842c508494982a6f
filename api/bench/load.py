"""A closed loop of clients: each sends its next request when the last one has been answered.

Every client is a process with one kept-alive connection and speaks just enough HTTP/1.1 over
its socket; ``http.client`` costs more than the answers do and would be what is measured. This
file imports nothing heavy: it is what runs in the clients (``python -m api.bench.load``).
"""

import json
import re
import socket
import sys
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle
from statistics import quantiles
from time import perf_counter, process_time
from types import TracebackType
from typing import Any, Self

from api.bench.figures import Figures
from api.bench.processes import BenchError, Child

#: A path to GET, or with a body to POST it to.
Question = tuple[str, str]

#: An order or a report of one client, as JSON.
Message = dict[str, Any]

ANSWER_SECONDS = 10.0
CONFLICT = 409
CREATED = 201
NO_CONTENT = 204
OK = 200

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Load:
    """What all clients did together. ``latencies`` are in seconds, sorted."""

    done: int
    failed: int
    per_second: float
    latencies: Sequence[float]

    def figures(self, processor_seconds: float) -> Figures:
        """Shape the load. Raises ``BenchError`` if some failed: those are quicker than answers."""
        if self.failed or not self.done:
            raise BenchError(f"{self.failed} failed and {self.done} did not.")
        return Figures(
            per_second=self.per_second,
            p50_ms=self.percentile_ms(50),
            p99_ms=self.percentile_ms(99),
            processor_us=processor_seconds / self.done * 1e6,
        )

    def percentile_ms(self, percent: int) -> float:
        """Return the latency that so many percent stay below, in milliseconds."""
        if len(self.latencies) < 2:  # noqa: PLR2004  (what ``quantiles`` needs)
            return 0.0
        return quantiles(self.latencies, n=100, method="inclusive")[percent - 1] * 1000


def run_alone(ask: Callable[[int], object], seconds: float) -> Figures:
    """Do something over and over in this thread; ``ask`` is given how often it was done before."""
    latencies: list[float] = []
    processor, started = process_time(), perf_counter()
    before = started
    while before - started < seconds:
        ask(len(latencies))
        after = perf_counter()
        latencies.append(after - before)
        before = after
    load = Load(len(latencies), 0, len(latencies) / (before - started), sorted(latencies))
    return load.figures(process_time() - processor)


class Clients:
    """Some client processes, kept through all rounds."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._stack = ExitStack()
        self._children: list[Child] = []

    def __enter__(self) -> Self:
        with self._stack as stack:
            for _ in range(self._count):
                self._children.append(stack.enter_context(Child("api.bench.load")))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    def fetch(self, port: int, questions: Sequence[Question], *, seconds: float) -> Load:
        """Have every client ask the questions over and over, each beginning at another one."""
        step = max(1, len(questions) // self._count)
        return self._run(
            {
                "do": "fetch",
                "port": port,
                "seconds": seconds,
                "questions": [*questions[n * step :], *questions[: n * step]],
            }
            for n in range(self._count)
        )

    def book(
        self, port: int, slot_ids: Sequence[str], *, keys: Sequence[str], then: str, seconds: float
    ) -> Load:
        """Have every client, each with its own key, hold places in its own share of the slots.

        ``then`` it is "confirm", "release", or "nothing" where every hold is to be refused. With
        fewer slots than clients, they share the slots.
        """
        return self._run(
            {
                "do": "book",
                "port": port,
                "seconds": seconds,
                "key": keys[n],
                "then": then,
                "slots": slot_ids[n :: self._count] or slot_ids,
            }
            for n in range(self._count)
        )

    def _run(self, orders: Any) -> Load:
        orders = list(orders)
        for child, order in zip(self._children, orders, strict=True):
            child.tell(json.dumps(order))
        patience = orders[0]["seconds"] + 2 * ANSWER_SECONDS
        return _together([json.loads(c.hear(within_seconds=patience)) for c in self._children])


def _together(reports: Sequence[Message]) -> Load:
    return Load(
        done=sum(len(report["latencies"]) for report in reports),
        failed=sum(report["failed"] for report in reports),
        per_second=sum(len(report["latencies"]) / report["seconds"] for report in reports),
        latencies=sorted(latency for report in reports for latency in report["latencies"]),
    )


class Connection:
    """One kept-alive connection to this machine."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a request and return the status and body of its answer."""
        self._socket.sendall(request)
        head, body = self._head()
        status = int(head[9:12])
        if status == NO_CONTENT:
            return status, b""
        found = _LENGTH.search(head)
        if found is None:
            raise BenchError("An answer came without its length.")
        while len(body) < int(found[1]):
            body += self._more()
        return status, body

    def _head(self) -> tuple[bytes, bytes]:
        data = self._more()
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, body = data.partition(b"\r\n\r\n")
        return head, body

    def _more(self) -> bytes:
        data = self._socket.recv(262_144)
        if not data:
            raise BenchError("The server hung up.")
        return data


def request_bytes(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """Write a request."""
    said = {"host": "127.0.0.1", "content-length": str(len(body)), **headers}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in said.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def fetch(port: int, question: Question) -> bytes:
    """Ask a question and return its answer. Raises ``BenchError`` for anything but 200."""
    connection = Connection(port)
    try:
        status, body = connection.ask(_as_request(question))
    finally:
        connection.close()
    if status != OK:
        said = body[:300].decode(errors="replace")
        raise BenchError(f"{question[0]} answered {status}: {said}")
    return body


def _as_request(question: Question) -> bytes:
    path, body = question
    if not body:
        return request_bytes("GET", path, {})
    return request_bytes("POST", path, {"content-type": "application/json"}, body.encode())


def _fetching(order: Message, connection: Connection) -> Callable[[], bool]:
    requests = cycle([_as_request(question) for question in order["questions"]])
    return lambda: connection.ask(next(requests))[0] == OK


def _booking(order: Message, connection: Connection) -> Callable[[], bool]:
    slots = cycle(order["slots"])

    def send(method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        headers = {
            "authorization": f"Bearer {order['key']}",
            "content-type": "application/json",
            "idempotency-key": str(uuid.uuid4()),
        }
        return connection.ask(request_bytes(method, f"/api/v1{path}", headers, body))

    def hold() -> tuple[int, bytes]:
        return send("POST", f"/slots/{next(slots)}/holds", b'{"places":1}')

    def be_refused() -> bool:
        return hold()[0] == CONFLICT

    def hold_and_go_on() -> bool:
        status, body = hold()
        if status != CREATED:
            return False
        path = f"/holds/{json.loads(body)['id']}"
        if order["then"] == "release":
            return send("DELETE", path)[0] == NO_CONTENT
        return send("POST", f"{path}/confirm", b"{}")[0] == CREATED

    return be_refused if order["then"] == "nothing" else hold_and_go_on


def _repeat(once: Callable[[], bool], seconds: float) -> Message:
    """Do it until the time is over; what was refused is counted, and its time is not."""
    latencies, failed = [], 0
    started = before = perf_counter()
    while before - started < seconds:
        good = once()
        after = perf_counter()
        if good:
            latencies.append(after - before)
        else:
            failed += 1
        before = after
    return {"latencies": latencies, "failed": failed, "seconds": before - started}


def _obey(order: Message) -> Message:
    connection = Connection(order["port"])
    try:
        make = {"fetch": _fetching, "book": _booking}[order["do"]]
        return _repeat(make(order, connection), order["seconds"])
    finally:
        connection.close()


def main() -> None:
    """Obey one order a line until there are no more."""
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_obey(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
