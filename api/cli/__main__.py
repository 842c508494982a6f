"""``python -m api.cli``: what the launcher runs."""

from api.cli import main

main()
