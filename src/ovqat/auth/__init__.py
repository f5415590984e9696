"""From a phone number that a partner vouches for to a user and a token, and every check of either.

It may import the edge, the store and what lies below them.
"""
