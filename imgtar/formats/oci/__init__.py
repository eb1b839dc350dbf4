"""The OCI image-spec: descriptors, indexes, manifests, configs, platforms and media types.

Docker's schema 2 documents have the same shape and are read by the same code.
Each reader is lenient: what is wrong becomes a finding, and the rest of the document is used.
"""
