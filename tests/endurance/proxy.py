"""A proxy between clients and a server that loses, resets and repeats what it carries.

One request a connection. Faults come by chance, from a seed: a reply is lost after the server has
done its work, a connection is reset in the middle of a reply, a request is delivered twice.
"""

import asyncio
import random
import re
import socket
import struct
from collections import Counter
from contextlib import suppress
from threading import Thread
from types import TracebackType
from typing import Self

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)

#: ``SO_LINGER`` with no time: closing sends RST.
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class FaultyProxy:
    """Carries requests to ``port``; the chances are of each request."""

    def __init__(
        self, port: int, *, lost: float, reset: float, repeated: float, seed: int = 5
    ) -> None:
        self._upstream = port
        self._lost, self._reset, self._repeated = lost, reset, repeated
        self._dice = random.Random(seed)  # noqa: S311  (chance, not secrecy)
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self.did: Counter[str] = Counter()
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        starting = asyncio.start_server(self._carry, "127.0.0.1", 0, backlog=256)
        self._server = asyncio.run_coroutine_threadsafe(starting, self._loop).result(timeout=10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._finish(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    async def _finish(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0)  # what was closed is let go of by the next turn of the loop

    async def _carry(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        try:
            request = await _read_message(client)
            replies = [self._ask(request)]
            if self._dice.random() < self._repeated:
                self.did["repeated"] += 1
                replies.append(self._ask(request))
            reply, *_ = await asyncio.gather(*replies)
            await self._give_back(reply, back)
        except (OSError, asyncio.IncompleteReadError):
            self.did["broken"] += 1
        finally:
            back.close()
            with suppress(OSError):
                await back.wait_closed()

    async def _ask(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._upstream)
        try:
            writer.write(request)
            return await _read_message(reader)
        finally:
            writer.close()
            await writer.wait_closed()

    async def _give_back(self, reply: bytes, back: asyncio.StreamWriter) -> None:
        chance = self._dice.random()
        if chance < self._lost:
            self.did["lost"] += 1
        elif chance < self._lost + self._reset:
            self.did["reset"] += 1
            back.write(reply[: len(reply) // 2])
            await back.drain()
            _reset(back)
        else:
            self.did["carried"] += 1
            back.write(reply)
            await back.drain()


async def _read_message(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    return head + await reader.readexactly(int(length[1]) if length else 0)


def _reset(writer: asyncio.StreamWriter) -> None:
    raw: socket.socket = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    writer.transport.abort()
