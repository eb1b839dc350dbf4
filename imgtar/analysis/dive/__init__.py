"""dive's efficiency and wasted bytes, by dive's own rules.

The rules are dive's; the layers and their order are imgtar's. The tests compare with the program itself.
"""
