"""The reports about several archives in one output: one joiner for each format that can hold several.

A joiner gets the pieces that the renderer of its format writes about each archive, and knows nothing of their content.
"""
