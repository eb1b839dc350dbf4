"""Markdown for pull-request comments and job summaries: one module for each command.

`fit` cuts rows until a document has at most 60 kB; `sections` has the parts that several commands show.
Text of an image is in code spans, where no platform finds a link, a mention or markup.
"""
