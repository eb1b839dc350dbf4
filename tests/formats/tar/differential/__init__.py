"""Tars of every writer at hand, mutations of them, and Go's reader as the judge."""
