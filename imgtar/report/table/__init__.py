"""Text for a person at a terminal: one module for each command.

`drawing` has columns, colours and line breaks; `sections` has the parts that several commands show.
No line is longer than the width of the `TextSettings` unless their `whole` forbids cutting; a table says the same
without colour.
"""
