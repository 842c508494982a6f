"""Directories in the field's exchange format (HSDS) on their way in.

The way of a row: ``read`` finds it under any of its historical names (``dialects``), ``mend``
mends single values, ``translate`` makes it a row of our tables, ``guard`` holds back places
that may be in hiding, and ``load`` writes all of it or nothing. ``report`` keeps the account.
"""
