"""Where commands say things: what stands in a text is said as it stands."""

from rich.console import Console

console = Console(highlight=False, emoji=False)
