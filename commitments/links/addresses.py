"""Addresses of links: which may be requested, and how they are written in a request."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import quote, urlsplit

# IPv6 networks whose addresses hold an IPv4 address in their last four bytes.
IPV4_CARRYING_NETWORKS = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))
# Networks that `ipaddress` calls global, at least in some Python versions, and that are not for
# public servers: protocol assignments and relays, documentation, a cloud's metadata service.
NON_PUBLIC_NETWORKS = [
    ip_network(network)
    for network in ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "3fff::/20", "2001::/23")
]
# Characters that are not percent-encoded. `%` is one of them: an encoded address stays as it is.
SAFE_CHARACTERS = "!#$%&'()*+,/:;=?@[]~"


def is_public(address: str) -> bool:
    """Return whether an IP address can belong to a public server, after unwrapping IPv4 addresses
    in IPv6 ones. Private, loopback, link-local, shared, multicast and reserved addresses cannot."""
    ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped or ip.sixtofour:
            return is_public(str(ip.ipv4_mapped or ip.sixtofour))
        if any(ip in network for network in IPV4_CARRYING_NETWORKS):
            return is_public(str(IPv4Address(int(ip) & 0xFFFFFFFF)))
        if ip.is_site_local:
            return False
    if any(ip in network for network in NON_PUBLIC_NETWORKS):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def ascii_address(address: str) -> str:
    """Return an address in ASCII: its host encoded as IDNA, the rest percent-encoded."""
    parts = urlsplit(address)
    netloc = parts.netloc
    if not netloc.isascii():
        netloc = netloc.encode("idna").decode("ascii")
    rest = parts._replace(scheme="", netloc="").geturl()
    return f"{parts.scheme}://{netloc}{quote(rest, safe=SAFE_CHARACTERS)}"
