"""The demo partner over HTTP: their page at `/demo`, their backend, and what has been said on the wire."""

from importlib import resources

import httpx
import msgspec
from falcon.asgi import Request, Response

from ovqat.demo.tap import Tap
from ovqat.edge.body import JsonBody
from ovqat.edge.call import Call
from ovqat.edge.resources import Resources
from ovqat.errors import NotFound, UpstreamUnreachable
from ovqat.settings import Settings
from ovqat.site.static import Asset

_FOLDER = resources.files("ovqat.demo") / "page"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_BODY_BYTES = 16 * 1024
_TIMEOUT_S = 10.0


class OpenRequest(msgspec.Struct, frozen=True, rename="camel"):
    """What the partner's page asks its own backend."""

    phone_number: str | None = None


class OpenMiniApp:
    """`POST /demo/api/open-mini-app`: a partner's backend, as spec.md shows it."""

    def __init__(self, api_key: bytes | None, public_url: str | None) -> None:
        self._headers = {b"X-API-Key": api_key} if api_key else {}
        self._public_url = public_url
        self._body = JsonBody(OpenRequest, _BODY_BYTES)

    async def on_post(self, req: Request, resp: Response) -> None:
        """Sign the person in over HTTP and answer the mini-app's address; an error of the API as it came."""
        call = Call.of(req.scope)
        wanted = await self._body.read(call)
        answer = await self._sign_in(_own_address(req), wanted)
        resp.status = answer.status_code
        resp.data = answer.content
        if answer.is_success:
            origin = self._public_url or f"{'https' if call.secure else 'http'}://{req.netloc}"
            resp.data = msgspec.json.encode({"miniAppUrl": f"{origin}/?token={answer.json()['token']}"})

    async def _sign_in(self, base_url: str, wanted: OpenRequest) -> httpx.Response:
        try:
            async with httpx.AsyncClient(base_url=base_url, timeout=_TIMEOUT_S, trust_env=False) as client:
                return await client.post(
                    "/api/auth/phone", json={"phoneNumber": wanted.phone_number}, headers=self._headers
                )
        except httpx.HTTPError as error:
            raise UpstreamUnreachable from error


class Calls:
    """`GET /demo/api/calls?after=N`: the API's calls since the one with that number."""

    def __init__(self, tap: Tap) -> None:
        self._tap = tap

    async def on_get(self, req: Request, resp: Response) -> None:
        """Answer the calls, the number to ask from next and the server's time."""
        Call.of(req.scope).quiet = True
        after = req.get_param_as_int("after", min_value=0)
        calls = [] if after is None else self._tap.after(after)
        resp.data = msgspec.json.encode({"calls": calls, "newest": self._tap.count, "now": self._tap.now()})


class DemoPage:
    """`GET /demo` and the page's files."""

    def __init__(self) -> None:
        self._files = {file.name: Asset.read(file, _FOLDER) for file in _FOLDER.iterdir()}

    async def on_get(self, req: Request, resp: Response, name: str = "page.html") -> None:
        """Answer a file of the page."""
        if name not in self._files:
            raise NotFound
        self._files[name].answer(req, resp)
        resp.set_header("Content-Security-Policy", _POLICY)

    on_head = on_get


def add_demo(app: Resources, tap: Tap, settings: Settings) -> None:
    """Add the demo partner to the application."""
    page = DemoPage()
    app.add_route("/demo", page)
    app.add_route("/demo/{name}", page)
    app.add_route("/demo/api/open-mini-app", OpenMiniApp(settings.api_key, settings.public_url))
    app.add_route("/demo/api/calls", Calls(tap))


def _own_address(req: Request) -> str:
    host, port = req.scope["server"]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
