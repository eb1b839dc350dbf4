"""The search of an image: which paths and contents are asked for, where they are, and what each layer did to them.

It works on stacked layers. Bodies are read only where contents are asked for.
"""
