"""One image: its config, its layers with their scans, selection by name and platform, verification.

Layers are ordered base first, index 0. This room joins the catalog with the layers that were read.
"""
