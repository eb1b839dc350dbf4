"""The database of RPM: headers of packages in one of three containers, SQLite, ndb or Berkeley DB.

Each container has a reader of its own, which follows pages and offsets within bounds; no SQL runs. What the bytes of a
header mean is known in one place.
"""
