"""The outside that scripts rely on: the documents of every command, their JSON Schema, the content of a renderer.

Each type is versioned by `SCHEMA_VERSION`: adding a field is allowed, renaming, removing or changing a meaning is not.
The room imports nothing else of imgtar: `answers/` fills its types, `report/` turns them into bytes.
"""
