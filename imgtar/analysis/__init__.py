"""Questions about an image, one module each: waste, IDs, what each byte of the archive belongs to.

An analysis takes a stacked image and returns one frozen value. It prints nothing and enforces no limit.
"""
