"""The Dockerfile of an image, from the provenance or the history: each line is valid, and says whether it is certain.

`provenance` splits the text that the build kept. `history` walks the rows of the history, `run`, `files` and `metadata`
write them; `syntax` and `pairs` know how BuildKit reads words and values, `shell_text` where a command may be wrapped.
What is not known is a note above.
"""
