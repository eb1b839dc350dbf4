"""Text for a terminal or a log, in 80 columns or the width of the terminal.

Colour only adds; each table says the same without it.
"""
