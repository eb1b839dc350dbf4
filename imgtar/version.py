"""The version of imgtar, for every room and for the packaging."""

__version__ = "0.1.0"
