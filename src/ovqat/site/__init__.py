"""What is served to anyone: the mini-app's page and assets, the contract and its pages, and readiness.

It may import the edge, the store and what lies below them.
"""
