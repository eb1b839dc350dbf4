"""The database of RPM: headers of packages in one of three containers, SQLite, ndb or Berkeley DB."""
