"""Which layers images have in common, and what removing some of them frees.

It knows identities and sizes of layers, and no files.
"""
