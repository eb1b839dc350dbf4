"""From a question to the content of the contract: the session, and one module per command.

A session reads one archive as far as its questions need. This room alone knows both the image and the contract.
"""
