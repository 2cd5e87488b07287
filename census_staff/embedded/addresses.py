"""Where the web server listens and what to type into a browser to reach it."""

import socket
import urllib.error
import urllib.request

from census_staff.embedded.errors import CannotStart

EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104 (compared with, never bound to)


def refuse_taken_port(host: str, port: int) -> None:
    """Stop with a clear sentence where the address is not ours to listen on."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as problem:
        raise CannotStart(
            f"Cannot listen on {host} port {port}: {problem.strerror}. "
            "Choose another with --port or --host."
        ) from problem


def lan_address() -> str:
    """Return the address other machines reach us at; no packet is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def names(host: str) -> list[str]:
    """Return the names under which a browser may ask for us."""
    here = ["127.0.0.1", "localhost"]
    other = lan_address() if host in EVERYWHERE else host
    return here if other in here else [*here, other]


def address(host: str, port: int) -> str:
    """Return the address to type into a browser, here or on a phone."""
    name = names(host)[-1] if host in EVERYWHERE else host
    return f"http://{f'[{name}]' if ':' in name else name}:{port}"


def shows_a_page(host: str, port: int) -> bool:
    """True where the web server answers, and not with a fault of its own."""
    asked = address("127.0.0.1" if host in EVERYWHERE else host, port)
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"{asked}/", timeout=10) as answer:
            return bool(answer.status < 500)
    except urllib.error.HTTPError as problem:
        return problem.code < 500
    except OSError:
        return False
