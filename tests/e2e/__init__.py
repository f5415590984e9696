"""The whole system in a real browser, as a partner's user meets it: on a small phone, in their language."""
