"""Markdown for pull requests and job summaries, cut to a size that these accept.

Texts of an image are escaped; long lists are shortened and say so.
"""
