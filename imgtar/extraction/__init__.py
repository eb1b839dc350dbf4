"""The files of an image written out: a plan made from the finished tree, a directory, or one flat tar.

Nothing is replayed: every path is written once, through descriptors of directories, and links come last.
"""
