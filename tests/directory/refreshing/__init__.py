"""Everything that changes what a search sees, as a table: what happens, and whose rows it is in."""
