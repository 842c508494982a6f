"""A copy of the search rows in memory, as columns of numbers, for searches near a place.

It answers what ``directory.search`` answers from the tables, and is held to the same tests.
It is read from the tables and never written to: before each answer it takes in the rows that
changed since the last one (``feed``), those of other processes too. What it cannot answer, or not
yet, the tables do. Decision 0023 says why, and what it costs.
"""
