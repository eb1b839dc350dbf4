"""Which package brought which file: one module per format of a package database, bytes in, rows out.

A parser takes any bytes and raises nothing: what it cannot read names no file. It knows no layer and no policy.
"""
