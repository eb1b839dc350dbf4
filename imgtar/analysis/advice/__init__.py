"""What to change in a build so that it wastes less, where that is certain.

`advice`: the advice on an image; `cases`: the wasted files that one piece of advice is about; `words`: its sentences.
"""
