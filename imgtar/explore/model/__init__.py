"""What the explorer shows, as values and lines: pure, no module here imports textual.

A line is a sequence of cells; all that an image says is escaped in them.
"""
