"""The pages: the mini-app at `/`, the contract's at `/docs`.

Both are built by `npm run build` in miniapp/. Where that could not be done, each says so and the API serves on.
"""

import base64
import gzip
import hashlib
import re
from collections.abc import Sequence
from importlib.resources.abc import Traversable

from falcon.asgi import Request, Response

from ovqat.site.static import STATIC, Asset

_HTML = "text/html; charset=utf-8"
_ORIGINS_TAG = '<meta name="ovqat:allowed-origins" content="{}">'
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_PERMISSIONS = "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"
_NOT_BUILT = b"""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Ovqat AI</title>
<h1>This page is not built</h1>
<p>The API serves, but its pages could not be built. Run <code>make miniapp</code> where the npm registry can be
reached, then start the server again.</p>
</html>
"""


class Page:
    """One HTML page with its content security policy; 503 and a sentence while it is not built."""

    def __init__(self, html: str | None, policy: str) -> None:
        self._built = html is not None
        content = _NOT_BUILT if html is None else html.encode()
        self._asset = Asset(_HTML, content, (("gzip", gzip.compress(content)),))
        self._policy = policy

    async def on_get(self, req: Request, resp: Response) -> None:
        """Answer the page."""
        resp.status = 200 if self._built else 503
        self._asset.answer(req, resp)
        resp.set_header("Content-Security-Policy", self._policy)
        resp.set_header("Permissions-Policy", _PERMISSIONS)

    on_head = on_get


def built(folder: Traversable = STATIC) -> bool:
    """Say whether the pages were built."""
    return (folder / "index.html").is_file()


def mini_app(allowed_origins: Sequence[str], folder: Traversable = STATIC) -> Page:
    """Give the mini-app's page, which may be framed by these origins and by our own pages."""
    html = _html(folder / "index.html")
    scripts = " ".join(_hash(script) for script in _INLINE_SCRIPT.findall(html or ""))
    if html is not None:
        html = html.replace(_ORIGINS_TAG.format(""), _ORIGINS_TAG.format(" ".join(allowed_origins)))
    return Page(html, _policy(f"'self' {scripts}".strip(), " ".join(["'self'", *allowed_origins])))


def docs(folder: Traversable = STATIC) -> Page:
    """Give the contract's page, which nobody may frame."""
    return Page(_html(folder / "docs.html"), _policy("'self'", "'none'"))


def _policy(scripts: str, ancestors: str) -> str:
    """Give a content security policy (CSP level 3): our own files only, no inline code or style."""
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
        f"connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
    )


def _html(file: Traversable) -> str | None:
    return file.read_text("utf-8") if file.is_file() else None


def _hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
