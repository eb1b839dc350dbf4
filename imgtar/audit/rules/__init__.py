"""The rules of the audit, one module per subject; each declares its kinds of findings in `KINDS`.

A rule is a generator of findings over one image. auditor.py adds the number of the image to them.
A rule that needs the content of files has a probe, which sees the files while the layers are read.
"""
