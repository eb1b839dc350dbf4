"""Secrets in bytes and in text: the kinds that are known, the search for them, and their redaction.

kinds.py describes each kind, words.py judges names and values, search.py finds secrets in files and
redaction.py hides secrets in text that is printed. Nothing here knows images or layers.
"""
