"""Points, distances and place names. Pure: no database, no network, no framework."""
