"""Everything that changes a schedule, one file for each noun.

Each function is one step of one transaction. The caller opens and ends it
(``Database.transaction``); nothing here commits. ``now`` is always given.

Whatever takes a place, or moves one, locks the slot first and counts afterwards. Giving a place
back needs no lock.
"""
