"""Making, changing and removing records of the directory, by their publishers.

What may stand in a record is said in ``directory.kinds``; every change is written down by
``directory.commands.history`` and ended by ``finishing``, which keeps versions and searches true.
"""
