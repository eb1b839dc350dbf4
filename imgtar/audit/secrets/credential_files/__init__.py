"""Files that are known to hold logins or keys, each read by its structure.

kind.py says what such a kind is, the other modules have one family each, and reader.py reads a file as it passes.
"""
