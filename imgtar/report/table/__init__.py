"""Text for a person at a terminal: one module for each command.

`drawing` has columns, colours and line breaks; `sections` has the parts that several commands show.
No line is longer than `View.width` unless `View.whole` forbids cutting; a table says the same without colour.
"""
