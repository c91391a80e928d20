"""A connection without a network, for tests that need every step."""

import asyncio

from pannier.service.http import Respond
from pannier.service.http.messages import HttpRequest, HttpResponse


class Taken:
    """What was handled, and what was written. The path `/late` is answered a moment later."""

    def __init__(self) -> None:
        self.handled: list[tuple[bytes, bytes, bytes]] = []
        self.written = b""
        self.is_closing = lambda: False
        self.pause_reading = self.resume_reading = lambda: None

    def write(self, data: bytes) -> None:
        self.written += data

    def get_write_buffer_size(self) -> int:
        return 0

    def handle(self, request: HttpRequest, respond: Respond) -> None:
        self.handled.append((request.method, request.target, request.body))
        response = HttpResponse(200, {}, request.target)
        if request.target == b"/late":
            asyncio.get_running_loop().call_soon(respond, response)
        else:
            respond(response)
