"""JSON documents of an image, read strictly (RFC 8259) and typed leniently.

`document` parses within bounds and keeps the bytes beside the value, so digests are computed on what was stored;
`fields` reads typed keys as Go's encoding/json matches them. Both report problems as findings.
"""
