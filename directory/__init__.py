"""Who offers what, where, when and for whom.

Names follow the Human Services Data Specification (HSDS 3.2). May import ``geo``.
"""
