"""Asking a server over sockets that stay open, with as little work as can be."""

import asyncio
from collections import deque
from urllib.parse import urlsplit


class Connection:
    """HTTP/1.1 over one socket, one request at a time: as little work as can be, so that what is
    measured is the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, host: str, port: int) -> "Connection":
        return cls(*await asyncio.open_connection(host, port, limit=1 << 22))

    async def ask(self, request: bytes) -> tuple[int, bytes, bytes]:
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        status, lower = int(head[9:12]), head.lower()
        at = lower.find(b"content-length:")
        size = int(lower[at + 15 : lower.index(b"\r", at)]) if at >= 0 else 0
        body = await self.reader.readexactly(size) if size and status != 304 else b""
        return status, head, body


class Asker:
    """Connections to one server as one user."""

    def __init__(self, address: str, key: str) -> None:
        parts = urlsplit(address)
        self.host, self.port, self.key = str(parts.hostname), int(parts.port or 80), key
        self.idle: deque[Connection] = deque()
        self.opened = 0

    def request(self, path: str, *headers: str) -> bytes:
        lines = [
            f"GET /api/v1{path} HTTP/1.1",
            f"Host: {self.host}:{self.port}",
            f"Authorization: Bearer {self.key}",
            *headers,
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    async def ask(self, request: bytes) -> tuple[int, bytes, bytes]:
        connection = self.idle.pop() if self.idle else None
        if connection is None or connection.reader.at_eof():
            connection = await Connection.open(self.host, self.port)
            self.opened += 1
        answer = await connection.ask(request)
        self.idle.append(connection)
        return answer
