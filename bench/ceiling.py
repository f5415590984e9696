"""The ceiling: a bare ASGI function that does only the JSON, the token and the store call.

It shares the codec and the store with the server, and has no edge, limits, events, log or checks of any kind.
"""

import asyncio
import os
import sys
import time
from pathlib import Path

import msgspec
import uvicorn

from ovqat.auth.endpoints import PhoneRequest, Verified, VerifyRequest
from ovqat.auth.sign_in import Session
from ovqat.auth.token import TokenCodec
from ovqat.edge.asgi import Receive, Scope, Send
from ovqat.identifiers import uuid7
from ovqat.server import uvicorn_config
from ovqat.store.sqlite import SQLiteStore

_HEADERS = [(b"content-type", b"application/json")]


def main(database: str, secret: str) -> None:
    """Serve on PORT of this machine, from a database that has its users already."""
    store = SQLiteStore(Path(database))
    asyncio.run(store.open())
    tokens = TokenCodec([secret.encode()], time.time)
    phone_body = msgspec.json.Decoder(PhoneRequest)
    verify_body = msgspec.json.Decoder(VerifyRequest)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        body = (await receive())["body"] or b"{}"
        if scope["method"] == "GET":
            answer = b'{"status":"ready"}'
        elif scope["path"] == "/api/auth/verify":
            claims = tokens.verify(str(verify_body.decode(body).token))
            answer = msgspec.json.encode(Verified(valid=True, user_id=claims.user_id))
        else:
            digits = str(phone_body.decode(body).phone_number)
            user = await store.upsert_user(digits, make_id=lambda: uuid7(time.time), now=int(time.time()))
            answer = msgspec.json.encode(Session(tokens.issue(user.id, digits), user.id))
        headers = [*_HEADERS, (b"content-length", b"%d" % len(answer))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    uvicorn.Server(uvicorn_config(app, lifespan=False, port=int(os.environ["PORT"]))).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
