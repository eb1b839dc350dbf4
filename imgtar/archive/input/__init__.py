"""The input: a file, a directory or standard input, opened once, and the bytes that can be read from it.

`source` opens it and recognises the outer compression; `blobs` reads parts of it by offset.
Nothing here knows what a member or an image is.
"""
