"""The terminal explorer (docs/explore.md): `model` says what is shown, without a terminal; the rest shows it.

Textual is the extra `explore`, and only the modules outside `model` import it.
"""
