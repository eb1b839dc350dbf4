"""The catalog: which images an archive names, in which form, and what else it holds.

`docker_view` reads manifest.json and the v1 documents, `oci_view` index.json; `merge` joins both views of one image.
`documents` reads, hashes and types each document once; `records` are the frozen results.
"""
