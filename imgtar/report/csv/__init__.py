"""CSV for spreadsheets and databases: one row for each change of a file, layer, rule or finding.

UTF-8, a heading, `\\n` at the end of a line; a spreadsheet takes no cell for a formula. The first rows of a damaged
image say so: `kind` is the effect of a finding (`incomplete`, `inconsistent`, `limit`), `note` the finding.
"""
