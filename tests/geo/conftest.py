"""Settings of the property tests."""

from hypothesis import settings

# The first example pays for geopy's import and for reading the ZIP codes; no test is timed.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
