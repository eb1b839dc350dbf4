"""imgtar reads a container image from a file and tells the truth about it, offline."""

__version__ = "0.1.0"
