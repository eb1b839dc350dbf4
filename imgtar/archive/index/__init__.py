"""The member index: what lies in an archive under which name, and how to read it.

`tar_index` builds it from a seekable tar or a stream, `directory_index` from a directory; `member_index` is the
finished value, which resolves links inside the archive and reads members as documents.
"""
