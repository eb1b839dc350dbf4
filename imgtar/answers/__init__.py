"""From a question to the content of the contract: the session, and one module per command.

A session reads one archive as far as its questions need. Here the facts about an image become values
of the contract.
"""
