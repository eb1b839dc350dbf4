"""Many archives: which there are, who reads them, and the row of each.

What a row says is asked of `imgtar.answers`; nothing here knows a format or the terminal.
"""
