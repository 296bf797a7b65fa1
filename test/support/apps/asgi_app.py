"""An ASGI app for real uvicorn: each request waits for a moment without blocking, however many there are."""
import asyncio
import random


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    await asyncio.sleep(0.25 + random.random() * 0.25)
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"5")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"slept"})
