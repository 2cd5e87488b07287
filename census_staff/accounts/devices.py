"""Where a request comes from: its network, the browser's own words, and whether we know it."""

import re
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import get_random_string

from .models import User

COOKIE = f"{settings.COOKIE_PREFIX}device"
KEPT = 180 * 24 * 3600
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iOS"), ("iPad", "iPadOS"),
    ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux"),
)  # fmt: skip
BROWSERS = (
    ("MicroMessenger", "WeChat"), ("Edg", "Edge"), ("QQBrowser", "QQ"), ("Firefox", "Firefox"),
    ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip


def client_address(request: HttpRequest) -> str:
    """Return the address of the other end; what a header claims counts only behind our proxies."""
    near = request.META.get("REMOTE_ADDR", "")
    hops = settings.TRUSTED_PROXIES
    if hops:
        told = re.split(r"\s*,\s*", request.headers.get("X-Forwarded-For", "").strip())
        near = told[-hops] if len(told) >= hops else near
    try:
        return str(ip_address(near))
    except ValueError:
        return ""


def network_of(address: str) -> str:
    """Return the network that an address belongs to: neighbours share their wrong tries."""
    if not address:
        return "unknown"
    size = 24 if ip_address(address).version == 4 else 56
    return str(ip_network(f"{address}/{size}", strict=False))


def label(request: HttpRequest) -> str:
    """Return which browser on which system this is, as far as it says."""
    agent = request.headers.get("User-Agent", "")
    browser = next((name for mark, name in BROWSERS if mark in agent), "")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return " · ".join(part for part in (browser, system) if part)


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Let this browser be known again for this account: strangers' tries do not lock it out."""
    name = _told(request).get("name") or get_random_string(22)
    value = signing.dumps({"u": user.pk, "e": user.session_epoch, "name": name}, salt="device")
    secure = settings.COOKIES_ARE_SECURE
    response.set_cookie(COOKIE, value, KEPT, secure=secure, httponly=True, samesite="Lax")


def known_as(request: HttpRequest, user: User | None) -> str:
    """Return the name of a browser on which this account signed in before, else nothing."""
    told = _told(request)
    mine = user is not None and (told.get("u"), told.get("e")) == (user.pk, user.session_epoch)
    return str(told["name"]) if mine else ""


def _told(request: HttpRequest) -> dict[str, object]:
    try:
        told = signing.loads(request.COOKIES.get(COOKIE, ""), salt="device", max_age=KEPT)
    except signing.BadSignature:
        return {}
    return told if isinstance(told, dict) else {}
