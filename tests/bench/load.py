"""Many browsers in one thread: each follows a script over its own kept connection.

A script yields `Ask`s and is given each `Answer`. With `at` set the request leaves then, and its
time counts from then, whether or not the browser was still waiting for the answer before.
"""

import heapq
import selectors
import socket
import time
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Ask:
    """One request; `label` names its row in the results."""

    label: str
    data: bytes
    at: float = 0.0


@dataclass(slots=True)
class Answer:
    """What came back."""

    status: int
    head: bytes
    body: bytes


Script = Generator[Ask, Answer, None]


@dataclass
class Times:
    """How long the requests of one label took, in seconds, and what they were answered."""

    seconds: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    def quantile(self, share: float) -> float:
        """Return the time within which that share was answered."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


class _Browser:
    def __init__(self, place: tuple[str, int], script: Script) -> None:
        self.place, self.script = place, script
        self.socket: socket.socket | None = None
        self.ask: Ask | None = None
        self.sent = 0.0
        self.buffer = b""

    def send(self) -> None:
        assert self.ask
        self.sent = self.ask.at or time.perf_counter()
        self.buffer = b""
        if self.socket is None:
            self.socket = socket.create_connection(self.place, timeout=30)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(self.ask.data)

    def take(self) -> Answer | None:
        """Return the answer once it is whole."""
        assert self.socket
        piece = self.socket.recv(1 << 18)
        self.buffer += piece
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found and piece:
            return None
        if not piece:
            raise ConnectionError("The server closed the connection.")
        lower = head.lower()
        place = lower.find(b"content-length:")
        if b"transfer-encoding: chunked" in lower:
            raise ValueError("An answer came without its length.")
        length = int(lower[place + 15 :].split(b"\r\n", 1)[0]) if place >= 0 else 0
        if len(body) < length:
            return None
        if b"\r\nconnection: close" in lower:
            self.socket.close()
            self.socket = None
        return Answer(int(head[9:12]), head, body)


def drive(
    place: tuple[str, int], scripts: Iterable[Script], *, until: Callable[[], bool] = lambda: False
) -> dict[str, Times]:
    """Follow all scripts to their ends, or until `until` says so; return the times by label."""
    found: dict[str, Times] = {}
    watch = selectors.DefaultSelector()
    later: list[tuple[float, int, _Browser]] = []
    busy: set[_Browser] = set()

    def go_on(browser: _Browser, answer: Answer | None) -> None:
        try:
            browser.ask = next(browser.script) if answer is None else browser.script.send(answer)
        except StopIteration:
            busy.discard(browser)
            return
        busy.add(browser)
        if browser.ask.at > time.perf_counter():
            heapq.heappush(later, (browser.ask.at, id(browser), browser))
        else:
            leave(browser)

    def leave(browser: _Browser) -> None:
        known = browser.socket
        browser.send()
        if browser.socket is not known:
            assert browser.socket
            watch.register(browser.socket, selectors.EVENT_READ, browser)

    for script in scripts:
        go_on(_Browser(place, script), None)
    while busy and not until():
        wait = max(0.0, min(later[0][0] - time.perf_counter(), 0.2)) if later else 0.2
        for key, _events in watch.select(wait):
            _one(key.data, watch, found, go_on)
        while later and later[0][0] <= time.perf_counter():
            leave(heapq.heappop(later)[2])
    for key in list(watch.get_map().values()):
        key.fileobj.close()  # type: ignore[union-attr]
    watch.close()
    return found


def _one(browser: _Browser, watch: Any, found: dict[str, Times], go_on: Any) -> None:
    before = browser.socket
    answer = browser.take()
    if answer is None:
        return
    assert browser.ask
    times = found.setdefault(browser.ask.label, Times())
    times.seconds.append(time.perf_counter() - browser.sent)
    times.statuses[answer.status] = times.statuses.get(answer.status, 0) + 1
    if browser.socket is not before:
        watch.unregister(before)
    go_on(browser, answer)


def get(path: str, host: str, cookies: str = "") -> bytes:
    """Return a GET request."""
    cookie = f"Cookie: {cookies}\r\n" if cookies else ""
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{cookie}\r\n".encode()


def post(path: str, host: str, body: bytes, *, kind: str, cookies: str, token: str) -> bytes:
    """Return a POST request with its CSRF token."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookies}\r\nX-CSRFToken: {token}\r\n"
        f"Origin: http://{host}\r\nAccept: application/json\r\n"
        f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
