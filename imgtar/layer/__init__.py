"""One layer as a pure function of its blob: its entries, whiteouts, counts and findings.

A scan is a value: it knows no other layer, keeps no handle, and can be computed in any order (image-formats.md 3).
"""
