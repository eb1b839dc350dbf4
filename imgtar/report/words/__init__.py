"""The words that several renderers share: names, steps, places, verdicts, the condition of an archive.

Every function takes types of the contract and returns a short text.
A docstring says whether the text is escaped or as stored.
"""
