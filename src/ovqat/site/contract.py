"""`GET /openapi.json`: the contract, written by hand in openapi.yaml."""

from importlib import resources
from pathlib import Path

import msgspec
import yaml
from falcon.asgi import Request, Response

_IN_PACKAGE = resources.files("ovqat") / "openapi.yaml"
_IN_CHECKOUT = Path(__file__).parents[3] / "openapi.yaml"


class Contract:
    """The contract as JSON."""

    def __init__(self) -> None:
        source = _IN_PACKAGE if _IN_PACKAGE.is_file() else _IN_CHECKOUT
        self._json = msgspec.json.encode(yaml.load(source.read_bytes(), yaml.CSafeLoader))

    async def on_get(self, _: Request, resp: Response) -> None:
        """Answer the contract."""
        resp.data = self._json

    on_head = on_get
