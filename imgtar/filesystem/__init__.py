"""Layers stacked: the tree of files, and what each layer adds, modifies and deletes.

image-formats.md 3.2 has the rules of whiteouts and parents. The tree is in memory; nothing is unpacked.
"""
