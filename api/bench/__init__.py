"""Measuring: Openings and the ceiling above it, in turns, in the same run.

Machines differ and so do their moods; what lasts is the ratio of two figures that were measured
side by side. ``docs/reference/bench.md`` says what each figure means.
"""
