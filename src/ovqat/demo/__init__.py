"""A partner for trying things out: their page, their backend, and every call between them and us made visible.

It speaks to our API over HTTP as a partner would, and is never part of production. It may import the edge and
the settings.
"""
