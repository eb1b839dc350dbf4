"""One self-contained HTML page for each command that opens from disk and loads nothing.

`page` has what every page is made of; the modules of the commands fill the templates in `assets/`.
`rows`, `survey`, `tree` pack the files of an image for the script that draws map and table.
"""
