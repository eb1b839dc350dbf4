"""One module per command: its name, help, examples, formats and options.

A command builds a request and hands it on; `imgtar.cli.registry` lists the commands.
"""
