"""Everything that changes the directory, one file for each noun.

Each function is one step of the caller's transaction; nothing here commits. Whatever changes
what a search can find refreshes its rows in the same transaction (``directory.index``).
"""
