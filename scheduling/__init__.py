"""Availability windows, the slots cut from them, and who has a place in one.

May import ``directory`` and ``geo``.
"""
