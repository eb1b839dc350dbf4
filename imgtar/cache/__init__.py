"""What earlier runs found of layers, in one file of the user.

Nothing here decides what is said: a scan that comes from here is the one that reading the layer gives, by a digest
that this run computed.
"""
