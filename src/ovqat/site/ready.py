"""`GET /api/ready`: whether this process can do its work."""

from falcon.asgi import Request, Response

from ovqat.edge.limits import Limiter
from ovqat.errors import NotReady, StoreFailure
from ovqat.store import Store


class Ready:
    """Asks the store and the limiter."""

    def __init__(self, store: Store, limiter: Limiter) -> None:
        self._store = store
        self._limiter = limiter

    async def on_get(self, _: Request, resp: Response) -> None:
        """Answer 200 if both answer; raise NotReady otherwise."""
        try:
            await self._store.ping()
        except StoreFailure as failure:
            raise NotReady from failure
        if not await self._limiter.ready():
            raise NotReady
        resp.data = b'{"status":"ready"}'

    on_head = on_get
