"""Packages that were compiled into a program or packed into one file: Go modules, Rust crates, Java libraries.

Each parser takes the whole file; what it decompresses is bounded.
"""
