"""The build history of an image: which history row made which layer, and the Dockerfile line of each row.

`pairing` matches rows with layers, `instruction` reads what builders write into `created_by`, and `go_syntax` reads
the values that Go prints there. A row that no known builder wrote has no instruction.
"""
