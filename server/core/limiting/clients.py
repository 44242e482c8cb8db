"""Who sends a request, as far as limits ask: the network that it comes from."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from ipaddress import IPv4Address

    from django.http import HttpRequest

_IPV6_PREFIX = 64
"""What one customer of a provider has at least: single addresses cost nothing (RFC 6177)."""


def client_network(request: HttpRequest) -> str:
    """Return an IPv4 address, or the /64 of an IPv6 address.

    Each proxy of ours adds the address that it was asked from to ``X-Forwarded-For``. With exactly
    as many as ``TRUSTED_PROXIES``, the one that the outermost added is the client's; what stands
    before it, anybody may have written.
    """
    peer = str(request.META.get("REMOTE_ADDR", ""))
    forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    proxies: int = settings.TRUSTED_PROXIES
    told = forwarded[-proxies] if 0 < proxies <= len(forwarded) else peer
    address = _parsed(told) or _parsed(peer)
    if address is None:
        return "unknown"
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(IPv6Network((address, _IPV6_PREFIX), strict=False))
    return str(address)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """Read an address as proxies write it: also with a port, and with brackets around IPv6."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return ip_address(text.partition("%")[0])
    except ValueError:
        return None
