"""The gates of `imgtar check`: may this image ship?

Each gate of a policy gives a verdict on an image: the value, its limit and the causes of a failure.
This room reads no archive; it compares what analysis/ and audit/ found, and knows neither contract nor report.
"""
