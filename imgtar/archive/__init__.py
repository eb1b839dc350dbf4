"""Where the blobs are: an input is opened, its members are indexed, and its documents name the images.

`input/` opens a file, a directory or a stream; `index/` finds the members and resolves links inside the archive;
`catalog/` reads the documents of docker and OCI and joins what they say. Layers are not interpreted
here: a layer that passes in a stream goes to the scan that the caller gives.
"""
