"""A person's own account: who they are to us, their settings, and their leaving.

It may import auth, the edge, the store and what lies below them.
"""
