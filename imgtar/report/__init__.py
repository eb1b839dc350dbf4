"""Content of the contract in, bytes of one format out.

A renderer is a pure function. This room imports the contract and `imgtar.text`, and nothing that reads images.
"""
