"""The formats: one module for one specification, bytes in and typed values out.

No path on disk, no policy and no printing here: a reader never raises for damage but reports findings, and each
module names the specification and the section that it implements.
"""
