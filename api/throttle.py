"""How often one address may do what anybody may, counted in this process's memory.

Several processes count each for themselves: the limit is then that many times as high. Nothing
that must be exact depends on it. Addresses are forgotten when their time is over, and kept
nowhere else.
"""

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from threading import Lock
from typing import Any

from litestar import Request

from directory.errors import DomainError

#: So many addresses are remembered. When there are more at once, strangers are refused: a flood
#: from everywhere must not make the limit vanish.
MOST_ADDRESSES = 50_000

#: Households and phones have as many IPv6 addresses as they like within one of these.
IPV6_PREFIX = 64


class TooManyRequestsError(DomainError):
    """One address asks for more than its share. Nothing was changed; later it may again."""

    code = "too-many-requests"

    def __init__(self) -> None:
        super().__init__("That was often, from where you are. Wait a few minutes and try again.")


class Throttle:
    """Lets each address do something ``most`` times within any ``within``."""

    def __init__(self, within: timedelta, *, most_addresses: int = MOST_ADDRESSES) -> None:
        self._within = within
        self._most_addresses = most_addresses
        self._times: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._lock = Lock()

    def count(self, address: str, most: int, *, now: datetime) -> None:
        """Count one more from an address. Raises ``TooManyRequestsError`` beyond ``most``."""
        with self._lock:
            self._forget(now)
            times = self._times.get(address)
            if times is None:
                if len(self._times) >= self._most_addresses:
                    raise TooManyRequestsError
                times = self._times[address] = deque()
            while times and times[0] <= now - self._within:
                times.popleft()
            if len(times) >= most:
                raise TooManyRequestsError
            times.append(now)
            self._times.move_to_end(address)

    def _forget(self, now: datetime) -> None:
        """Drop the addresses that have been quiet for long enough; the quietest come first."""
        while self._times:
            address, times = next(iter(self._times.items()))
            if times and times[-1] > now - self._within:
                return
            del self._times[address]


class Throttles:
    """What is counted by address."""

    def __init__(self) -> None:
        self.public_holds = Throttle(timedelta(minutes=10))
        self.codes = Throttle(timedelta(hours=1))


def count_public_hold(request: Request[Any, Any, Any], now: datetime) -> None:
    """Count a hold of the public. Raises ``TooManyRequestsError`` beyond its address's share."""
    state: Any = request.app.state
    if request.user.is_public and state.settings.holds_per_address:
        most = state.settings.holds_per_address
        state.throttles.public_holds.count(address_of(request), most, now=now)


def address_of(request: Request[Any, Any, Any]) -> str:
    """Return where a request comes from, as far as one household or office goes."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(int(address) >> (128 - IPV6_PREFIX))
    return host
