"""The names of the documents at the root of an archive: they say which images are in it.

Docker's image specification v1.2 and OCI image-spec, image-layout.md. A cleaned member name is compared with them.
"""

from __future__ import annotations

MANIFEST = b"manifest.json"  # docker's list of images; in skopeo's `dir:` the one manifest
REPOSITORIES = b"repositories"  # docker 1.9 and older: names and tags
INDEX = b"index.json"
LAYOUT = b"oci-layout"

DOCUMENTS = frozenset({MANIFEST, REPOSITORIES, INDEX, LAYOUT})
BLOBS = b"blobs"  # the directory of the blobs in an OCI layout
