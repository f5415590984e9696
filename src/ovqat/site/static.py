"""The built mini-app: its files in memory, each in the encodings that the build made."""

import mimetypes
from importlib import resources
from importlib.resources.abc import Traversable

import msgspec
from falcon import HTTPRouteNotFound
from falcon.asgi import Request, Response

STATIC = resources.files("ovqat") / "static"
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_FOR_EVER = "public, max-age=31536000, immutable"


class Asset(msgspec.Struct, frozen=True):
    """One file, and how to say it."""

    media_type: str
    plain: bytes
    encoded: tuple[tuple[str, bytes], ...]
    """By preference: the name of a content coding and the bytes in it."""

    @classmethod
    def read(cls, file: Traversable, folder: Traversable) -> "Asset":
        """Read a file of a folder and its compressed siblings."""
        media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        siblings = ((coding, folder / (file.name + suffix)) for coding, suffix in _ENCODINGS)
        encoded = tuple((coding, sibling.read_bytes()) for coding, sibling in siblings if sibling.is_file())
        return cls(media_type, file.read_bytes(), encoded)

    def answer(self, req: Request, resp: Response) -> None:
        """Put the file into the answer, in the best coding that the client takes."""
        accepted = _accepted(req.get_header("Accept-Encoding") or "")
        resp.content_type = self.media_type
        resp.set_header("Vary", "Accept-Encoding")
        for coding, content in self.encoded:
            if coding in accepted:
                resp.set_header("Content-Encoding", coding)
                resp.data = content
                return
        resp.data = self.plain


class Assets:
    """`GET /assets/{name}`: files whose names change with their content, so they are kept for ever."""

    def __init__(self, folder: Traversable = STATIC / "assets") -> None:
        files = list(folder.iterdir()) if folder.is_dir() else []
        compressed = tuple(suffix for _, suffix in _ENCODINGS)
        self._assets = {file.name: Asset.read(file, folder) for file in files if not file.name.endswith(compressed)}

    async def on_get(self, req: Request, resp: Response, name: str) -> None:
        """Answer a file."""
        asset = self._assets.get(name)
        if asset is None:
            raise HTTPRouteNotFound
        asset.answer(req, resp)
        resp.cache_control = (_FOR_EVER,)

    on_head = on_get


def _accepted(header: str) -> set[str]:
    """Give the content codings that `Accept-Encoding` takes: those without a weight of zero (RFC 9110, 12.5.3)."""
    weighted = (part.lower().replace(" ", "").partition(";q=") for part in header.split(","))
    return {coding for coding, _, weight in weighted if not weight or weight.strip("0.")}
