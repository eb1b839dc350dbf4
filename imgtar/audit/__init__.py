"""The audit: what is risky in an image, in its configuration, its history and the files of every layer.

rules/ has one module per subject of rules, secrets/ finds and redacts secrets, auditor.py runs all rules.
Probes see the files while the layers are read; the rules give findings afterwards.
"""
