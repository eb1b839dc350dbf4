"""The base image: which of the lowest layers of an image are those of another image, and how certain that is.

This room reads the archives of base images that a person names; of the image itself it reads what the catalog knows.
"""
