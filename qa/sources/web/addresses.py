"""Which addresses may be fetched: http and https on known ports, without a password, and public hosts alone."""

import re
import socket
from collections.abc import Callable, Container
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit, urlunsplit

from qa.types.errors import PageUnreachable

if TYPE_CHECKING:
    from httpx import URL

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], list[str]]

PORTS = (80, 443, 8080, 8443)
DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_.])?|[0-9a-f:.]+", re.I)
_TRACKING = re.compile(r"(?:utm_[^=]*|fbclid|gclid)(?:=|\Z)", re.I)
# What ipaddress of some Python or other calls global although no site is there.
_IPV4_SPECIAL = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"))
_IPV6_UNICAST = IPv6Network("2000::/3")
_IPV6_SPECIAL = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3ffe::/16", "3fff::/20")))
_NAT64 = IPv6Network("64:ff9b::/96")


class HostUnreachable(PageUnreachable):
    """There is no connection to a host, or there may be none."""


def public(address: Address) -> bool:
    """Whether an address is that of a host on the open internet.

    An IPv6 address that stands for an IPv4 one (mapped, or NAT64 by RFC 6052) is judged by it. The tunnels 6to4 and Teredo are
    refused: they lead to IPv4 addresses too and serve no sites.

    Source: IANA's registries of special-purpose addresses (RFC 6890).
    """
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return public(address.ipv4_mapped)
        if address in _NAT64:
            return public(IPv4Address(int(address) & 0xFFFF_FFFF))
        return address in _IPV6_UNICAST and address.is_global and not any(address in network for network in _IPV6_SPECIAL)
    special = address.is_multicast or address.is_reserved or any(address in network for network in _IPV4_SPECIAL)
    return address.is_global and not special


def checked(url: str, ports: Container[int] = PORTS) -> "URL":
    """An address in its parts, if it is one that may be fetched as far as can be told without looking its host up.

    Raises:
        PageUnreachable: it is not.
    """
    import httpx

    try:
        parts = httpx.URL(url.strip())
        host = parts.raw_host.decode("ascii")
    except (httpx.InvalidURL, TypeError, ValueError) as error:
        raise PageUnreachable(f"this is no web address ({error})") from error
    if parts.scheme not in DEFAULT_PORTS:
        raise PageUnreachable("only http and https addresses can be fetched")
    if parts.userinfo:
        raise PageUnreachable("an address with a user name or password in it is not fetched")
    if not _HOST.fullmatch(host):
        raise PageUnreachable("this is no web address (it names no host)")
    if port_of(parts) not in ports:
        raise PageUnreachable(f"port {port_of(parts)} is not one that pages are fetched from")
    return parts.copy_with(fragment=None)


def port_of(url: "URL") -> int:
    """The port that is connected to."""
    return DEFAULT_PORTS[url.scheme] if url.port is None else url.port


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host as the system knows them, each once.

    Raises:
        OSError: there are none, or none can be had now.
        UnicodeError: this can be no host's name.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def allowed(addresses: list[str], allow: Callable[[Address], bool]) -> list[str]:
    """The addresses of a host, unless one of them may not be connected to: a host that is half inside is not outside.

    Raises:
        HostUnreachable: it names the first of those.
    """
    for address in addresses:
        if not allow(ip_address(address)):
            raise HostUnreachable(f"the address leads to {address}, which is not public")
    return addresses


def canonical(url: str) -> str:
    """The address without fragment and without the parameters that only say where the reader came from.

    >>> canonical("https://example.org/a?id=3&utm_source=mail#top")
    'https://example.org/a?id=3'
    """
    parts = urlsplit(url)
    query = "&".join(each for each in parts.query.split("&") if not _TRACKING.match(each))
    return urlunsplit(parts._replace(query=query, fragment=""))


def joined(base: str, link: str) -> str | None:
    """A link of a page as an absolute address, or None where it is no link to another page of the web."""
    try:
        url = urlsplit(urljoin(base, link.strip()))
        return urlunsplit(url._replace(fragment="")) if url.scheme in DEFAULT_PORTS and url.hostname else None
    except ValueError:
        return None
