"""What a user decides: the gates of `imgtar check`, the settings of `audit`, and the accepted risks.

Reads imgtar.toml, pyproject.toml, dive's .dive-ci and .imgtarignore.toml into frozen values.
This room knows no image.
"""
