"""The Dockerfile of an image, rebuilt from its history: each line is valid, and says whether it is certain.

`history` walks the rows, `lines` writes each as an instruction, `run` those with a command; `syntax` and `pairs` know
how BuildKit reads words and values, `shell_text` where a command may be wrapped. What is not known is a note above.
"""
