"""What scripts rely on (contract.md): the content of every report as frozen values, and its JSON Schema.

Adding is allowed; renaming, removing and changing a meaning is not. This room imports nothing that reads images.
"""
