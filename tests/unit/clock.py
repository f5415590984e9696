"""A clock that a test moves by hand."""

NOW = 1_770_000_000


class HandClock:
    """Gives the same time until it is moved."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += seconds
