"""Sentences and names that several text formats share.

The only room of `imgtar.report` that renderers share.
"""
