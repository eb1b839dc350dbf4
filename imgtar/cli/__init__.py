"""The command line: commands, options, outputs, exit codes and signals.

This room alone uses the terminal, click and the process. What a command reports comes from `answers/`.
"""
