"""``python -m api.cli``: what the launcher runs."""

import gc

gc.disable()  # starting makes much and drops little: collecting would take a third of the time

from api.cli import main  # noqa: E402  (after the line above, which is its point)

main()
