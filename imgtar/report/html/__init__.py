"""One HTML page that opens from disk and needs no network.

The template escapes everything; texts of an image pass `imgtar.text` too.
"""
