"""Frontends that fail as a dev server has no setting for: they refuse, stay silent, hang up, or stall."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import BinaryIO

_DATA, _HEADERS, _SETTINGS, _PING = 0, 1, 4, 6
_ACK = _END_STREAM = 1
_END_HEADERS = 4
_STATUS_200 = b"\x88"
_PREFACE_LENGTH = 24

Serve = Callable[[socket.socket], None]


@contextmanager
def refusing_frontend(code: int, message: str, *, lets_connect: bool = True) -> Iterator[str]:
    """Address of a frontend that answers every request with one gRPC status.

    It speaks just enough HTTP/2 for that (RFC 9113, and PROTOCOL-HTTP2 of gRPC).

    Args:
        code: The status, such as 7 for PERMISSION_DENIED.
        message: Its text.
        lets_connect: Whether the first request of a connection, GetSystemInfo, is answered well.
    """

    def serve(connection: socket.socket) -> None:
        _refuse(connection, code, message, lets_connect)

    with _serving(serve) as address:
        yield address


@contextmanager
def silent_frontend() -> Iterator[str]:
    """Address of something that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def hanging_up_frontend() -> Iterator[str]:
    """Address of something that closes each connection, as a TLS port does when it hears no TLS."""

    def serve(connection: socket.socket) -> None:
        connection.recv(1)

    with _serving(serve) as address:
        yield address


@dataclass(frozen=True, slots=True)
class StallingProxy:
    """A way to a real frontend that stops in the middle of an answer."""

    address: str
    stalled: threading.Event = field(default_factory=threading.Event)
    """Set once the limit is reached."""


@contextmanager
def stalling_proxy(target: str, *, after_bytes: int) -> Iterator[StallingProxy]:
    """Hand on what the target answers up to a number of bytes per connection, and then nothing more."""
    stalled = threading.Event()

    def serve(connection: socket.socket) -> None:
        host, port = target.rsplit(":", 1)
        with socket.create_connection((host, int(port))) as upstream:
            threading.Thread(target=_hand_on, args=(connection, upstream), daemon=True).start()
            left = after_bytes
            while left > 0 and (block := upstream.recv(min(left, 65536))):
                connection.sendall(block)
                left -= len(block)
            stalled.set()
            while upstream.recv(65536):
                pass

    with _serving(serve) as address:
        yield StallingProxy(address, stalled)


def _hand_on(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while block := source.recv(65536):
            sink.sendall(block)
        sink.shutdown(socket.SHUT_RDWR)


@contextmanager
def _serving(serve: Serve) -> Iterator[str]:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                serve(self.request)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def _refuse(connection: socket.socket, code: int, message: str, lets_connect: bool) -> None:
    connection.sendall(_frame(_SETTINGS, 0, 0))
    grpc = _STATUS_200 + _header("content-type", "application/grpc")
    refusal = grpc + _header("grpc-status", str(code)) + _header("grpc-message", message)
    with connection.makefile("rb") as requests:
        requests.read(_PREFACE_LENGTH)
        for kind, flags, stream, body in _frames(requests):
            if kind in (_SETTINGS, _PING) and not flags & _ACK:
                connection.sendall(_frame(kind, _ACK, 0, body if kind == _PING else b""))
            elif kind == _HEADERS and lets_connect:
                lets_connect = False
                empty_message = _frame(_DATA, 0, stream, bytes(5))
                trailers = _frame(_HEADERS, _END_HEADERS | _END_STREAM, stream, _header("grpc-status", "0"))
                connection.sendall(_frame(_HEADERS, _END_HEADERS, stream, grpc) + empty_message + trailers)
            elif kind == _HEADERS:
                connection.sendall(_frame(_HEADERS, _END_HEADERS | _END_STREAM, stream, refusal))


def _frames(requests: BinaryIO) -> Iterator[tuple[int, int, int, bytes]]:
    while len(head := requests.read(9)) == 9:
        body = requests.read(int.from_bytes(head[:3], "big"))
        yield head[3], head[4], int.from_bytes(head[5:], "big"), body


def _frame(kind: int, flags: int, stream: int, body: bytes = b"") -> bytes:
    return len(body).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + body


def _header(name: str, value: str) -> bytes:
    """A literal header field without indexing or Huffman code (RFC 7541, 6.2.2)."""
    texts = (name.encode(), value.encode())
    return b"\0" + b"".join(bytes([len(text)]) + text for text in texts)
