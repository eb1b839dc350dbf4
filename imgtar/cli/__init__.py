"""The command line: commands, options, outputs, exit codes and signals.

This room alone knows the terminal, click and the process. It holds no knowledge about images.
"""
