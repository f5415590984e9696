"""Tests, in folders by what they run: one unit in process, the server over HTTP, a browser."""
