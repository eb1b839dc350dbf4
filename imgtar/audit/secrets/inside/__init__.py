"""What is inside files: archives, compressed files, databases and compiled programs.

One module reads one format. A reader takes bytes as they arrive and yields the files inside; `search` follows it.
"""
