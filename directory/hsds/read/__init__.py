"""Reading a directory in whatever form it is given: rows of tables, one after another.

``open_source`` finds out what it is. CSV files are read where they lie; JSON, which nests
records in each other, is taken apart into a spool first; zip files are unpacked and the pages
of an API fetched before that. Everything is bounded (``Limits``).
"""

from directory.hsds.read.api import Kept, is_url
from directory.hsds.read.folder import Folder
from directory.hsds.read.rows import Limits, Row
from directory.hsds.read.sources import open_folder, open_source, usual_name

__all__ = ["Folder", "Kept", "Limits", "Row", "is_url", "open_folder", "open_source", "usual_name"]
