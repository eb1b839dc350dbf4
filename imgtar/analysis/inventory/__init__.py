"""The packages of an image: which layer installed, upgraded or removed each, and whose the stored bytes are.

The databases are read while the layers pass; what they say of each layer is compared with what they said before.
"""
