"""Which addresses may be fetched: http and https on known ports, without a password, on public hosts only."""

import re
import socket
from collections.abc import Callable, Container
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit, urlunsplit

from qa.types.errors import PageUnreachable

if TYPE_CHECKING:
    from httpx import URL

IpAddress = IPv4Address | IPv6Address
Resolve = Callable[[str, int], list[str]]

PORTS = (80, 443, 8080, 8443)
DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_.])?|[0-9a-f:.]+", re.I)
_TRACKING = re.compile(r"(?:utm_[^=]*|fbclid|gclid)(?:=|\Z)", re.I)
# Networks that some versions of `ipaddress` call global although they hold no sites.
_IPV4_SPECIAL = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"))
_IPV6_UNICAST = IPv6Network("2000::/3")
_IPV6_SPECIAL = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3ffe::/16", "3fff::/20")))
_NAT64 = IPv6Network("64:ff9b::/96")


class HostUnreachable(PageUnreachable):
    """No connection to a host could be made, or none is allowed."""


def is_public(address: IpAddress) -> bool:
    """Tell whether an IP address belongs to the public internet.

    An IPv6 address that stands for an IPv4 address (mapped, or NAT64 by RFC 6052) is judged by that address. The tunnels 6to4
    and Teredo are refused: they too lead to IPv4 addresses, and serve no sites.

    Source: IANA's registries of special-purpose addresses (RFC 6890).
    """
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return is_public(address.ipv4_mapped)
        if address in _NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
        return address in _IPV6_UNICAST and address.is_global and not any(address in network for network in _IPV6_SPECIAL)
    special = address.is_multicast or address.is_reserved or any(address in network for network in _IPV4_SPECIAL)
    return address.is_global and not special


def parse_url(url: str, ports: Container[int] = PORTS) -> "URL":
    """Parse an address that may be fetched, as far as that can be told without looking up its host.

    Raises:
        PageUnreachable: it may not be fetched.
    """
    import httpx  # the sandbox parses feeds with this module and needs no HTTP client

    try:
        parts = httpx.URL(url.strip())
        host = parts.raw_host.decode("ascii")
    except (httpx.InvalidURL, TypeError, ValueError) as error:
        raise PageUnreachable(f"this is not a web address ({error})") from error
    if parts.scheme not in DEFAULT_PORTS:
        raise PageUnreachable("only http and https addresses can be fetched")
    if parts.userinfo:
        raise PageUnreachable("an address with a user name or password in it is not fetched")
    if not _HOST.fullmatch(host):
        raise PageUnreachable("this is not a web address (it names no host)")
    if port_of(parts) not in ports:
        raise PageUnreachable(f"port {port_of(parts)} is not one that pages are fetched from")
    return parts.copy_with(fragment=None)


def port_of(url: "URL") -> int:
    """Return the port to connect to."""
    return DEFAULT_PORTS[url.scheme] if url.port is None else url.port


def resolve(host: str, port: int) -> list[str]:
    """Look up the IP addresses of a host, each once.

    Raises:
        OSError: there are none, or the look-up failed.
        UnicodeError: no host can have this name.
    """
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in addresses))


def check_all_allowed(addresses: list[str], allow: Callable[[IpAddress], bool]) -> None:
    """Refuse a host if even one of its IP addresses is not allowed.

    Raises:
        HostUnreachable: it names the first address that is not allowed.
    """
    for address in addresses:
        if not allow(ip_address(address)):
            raise HostUnreachable(f"the address leads to {address}, which is not public")


def canonicalize(url: str) -> str:
    """Remove the fragment, and the parameters that only track where a visitor came from.

    >>> canonicalize("https://example.org/a?id=3&utm_source=mail#top")
    'https://example.org/a?id=3'
    """
    parts = urlsplit(url)
    query = "&".join(parameter for parameter in parts.query.split("&") if not _TRACKING.match(parameter))
    return urlunsplit(parts._replace(query=query, fragment=""))


def resolve_link(base: str, link: str) -> str | None:
    """Return the absolute address of a link, without fragment. Return None if it does not lead to a web page."""
    try:
        url = urlsplit(urljoin(base, link.strip()))
        return urlunsplit(url._replace(fragment="")) if url.scheme in DEFAULT_PORTS and url.hostname else None
    except ValueError:
        return None
