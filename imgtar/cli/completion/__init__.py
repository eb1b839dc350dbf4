"""Completion scripts of shells, made from the commands of the registry.

A script has all its words in it: no program runs while a person presses TAB.
"""
