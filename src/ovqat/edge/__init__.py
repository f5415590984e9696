"""What every request passes: its id, its sender, HTTPS, CORS, limits, headers and its log line.

It knows nothing of people, partners or food. It may import the settings, identifiers and errors.
"""
