"""Pages are fetched from public hosts alone, politely, within limits, and every refusal says why."""

import gzip
import socket
import ssl
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import IPv4Address, IPv6Address, ip_address
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.servers import LOOPBACK, Clock, Server, answer, fetcher, serving

from qa.sources.web import WebLimits, WebPage
from qa.sources.web.addresses import canonicalize, is_public, resolve_link
from qa.sources.web.fetching import Fetcher, user_agent
from qa.types.errors import PageUnreachable

QUICK = WebLimits(pause=0.0, seconds=0.4, connect_seconds=0.3)
SMALL = WebLimits(pause=0.0, page_bytes=200_000)


def refusal(given: Fetcher, url: str) -> str:
    with pytest.raises(PageUnreachable) as caught:
        given.fetch(url)
    return str(caught.value)


def fetched(site: dict[str, bytes], path: str = "/") -> WebPage:
    with serving(dict(site)) as server:
        return fetcher().fetch(server.url(path))


# Which addresses


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1",
        "192.0.0.8", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1",
        "240.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::808:808", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::",
        "2002:808:808::1", "3ffe::1", "3fff::1", "5f00::1", "4000::1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0",
        "fec0::1", "ff02::1", "ff0e::1",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_is_known(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "223.255.255.1", "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_a_public_address_is_known(address: str) -> None:
    assert is_public(ip_address(address))


@given(st.ip_addresses(v=4))
def test_an_address_is_as_public_as_the_one_it_stands_for(address: IPv4Address) -> None:
    for prefix in (0xFFFF << 32, 0x64FF9B << 96):
        assert is_public(IPv6Address(prefix | int(address))) == is_public(address)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "0.0.0.0", "0", "2130706433", "0x7f000001", "0x7f.1", "127.1", "[::1]",
        "[::ffff:127.0.0.1]", "10.0.0.1", "192.168.0.1", "169.254.169.254", "[fd00::1]", "[fe80::1]", "[64:ff9b::7f00:1]",
    ],
)  # fmt: skip
def test_a_host_that_is_not_public_is_refused_by_default(host: str) -> None:
    with Fetcher() as default:
        assert refusal(default, f"http://{host}/").endswith("which is not public")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://example.org/", "only http and https addresses can be fetched"),
        ("file:///etc/passwd", "only http and https addresses can be fetched"),
        ("example.org", "only http and https addresses can be fetched"),
        ("", "only http and https addresses can be fetched"),
        ("http://ann:secret@example.org/", "an address with a user name or password in it is not fetched"),
        ("http://example.org\\@127.0.0.1/", "an address with a user name or password in it is not fetched"),
        ("http://example.org:22/", "port 22 is not one that pages are fetched from"),
        ("http://example.org:99999/", "port 99999 is not one that pages are fetched from"),
        ("http:///a", "this is not a web address (it names no host)"),
        ("http://ex ample.org/", "this is not a web address (it names no host)"),
        ("http://0177.0.0.1/", "this is not a web address (Invalid IPv4 address: '0177.0.0.1')"),
    ],
)
def test_what_is_no_address_of_a_page_is_refused_unasked(url: str, reason: str) -> None:
    def forbidden(host: str, port: int) -> list[str]:
        raise AssertionError("looked up")

    assert refusal(Fetcher(resolve=forbidden), url) == reason


def test_a_line_break_in_an_address_is_refused() -> None:
    assert refusal(Fetcher(), "http://example.org/\r\nX: y").startswith("this is not a web address")


def test_a_host_of_which_one_address_is_inside_is_refused() -> None:
    mixed = Fetcher(resolve=lambda host, port: ["93.184.215.14", "10.0.0.1"])
    assert refusal(mixed, "http://example.org/") == "the address leads to 10.0.0.1, which is not public"


def test_a_host_that_does_not_exist_is_named() -> None:
    def none(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    assert refusal(Fetcher(resolve=none), "http://example.org/") == "example.org cannot be found (Name or service not known)"


def test_a_name_that_no_host_can_have_is_a_refusal_and_no_crash() -> None:
    assert "cannot be found" in refusal(Fetcher(), f"http://{'a' * 70}.org/")


def test_the_connection_goes_to_the_address_that_was_checked_and_the_server_is_asked_for_the_name() -> None:
    looked_up = []

    def resolve(host: str, port: int) -> list[str]:
        looked_up.append(host)
        return ["127.0.0.1"]

    with serving({"/": answer("page")}) as server:
        page = fetcher(resolve=resolve).fetch(server.url(host="no-such-host.example"))
    assert (page.content, page.url) == (b"page", server.url(host="no-such-host.example"))
    assert all(f"Host: no-such-host.example:{server.port}\r\n" in text for text in server.texts)
    assert looked_up == ["no-such-host.example"] * 2  # once for each request: robots.txt and the page


def test_a_name_that_leads_elsewhere_the_second_time_is_refused() -> None:
    leads_to = iter(["127.0.0.1", "127.0.0.2"])
    with serving({"/": answer("page")}) as server:
        rebinding = fetcher(resolve=lambda host, port: [next(leads_to)])
        assert refusal(rebinding, server.url(host="example.org")) == "the address leads to 127.0.0.2, which is not public"
    assert server.requests == ["/robots.txt"]


def test_an_address_that_is_dead_leaves_time_for_the_next() -> None:
    both = fetcher(allow=lambda _: True, resolve=lambda host, port: ["127.0.0.9", "127.0.0.1"])
    with serving({"/": answer("page")}) as server:
        assert both.fetch(server.url(host="example.org")).content == b"page"


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving({}) as proxy, serving({"/": answer("page")}) as server:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url())
        assert fetcher().fetch(server.url()).content == b"page"
    assert proxy.requests == []


# TLS


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server called example.org and a client that trusts its certificate need."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "example.org")])
    start = datetime.now(UTC) - timedelta(days=1)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), start, start + timedelta(9))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("example.org")]), critical=False)
    certificate = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    kind = serialization.PrivateFormat.PKCS8
    private = key.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption())
    path: Path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(certificate + private)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cadata=certificate.decode())


def https(client: ssl.SSLContext | None) -> Fetcher:
    return fetcher(tls=client, resolve=lambda host, port: ["127.0.0.1"])


def test_a_certificate_is_checked_for_the_name_though_the_address_is_connected_to(
    certified: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    with serving({"/": answer("page")}, certified[0]) as server:
        assert https(certified[1]).fetch(server.url(host="example.org")).content == b"page"
        wrong = refusal(https(certified[1]), server.url(host="example.com"))
        unknown = refusal(https(None), server.url(host="example.org"))
    assert wrong.startswith("no connection to example.com (its certificate is not valid: Hostname mismatch")
    assert unknown.startswith("no connection to example.org (its certificate is not valid: self")


def test_a_redirect_from_https_to_http_is_refused(certified: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    site = {"/": answer("", "302 Found", location="http://example.org:8080/")}
    with serving(dict(site), certified[0]) as server:
        reason = refusal(https(certified[1]), server.url(host="example.org"))
    assert reason == "it redirects from https to http, which anyone on the way could change"


def test_a_server_that_drips_through_its_handshake_is_left() -> None:
    def drip(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            connection.sendall(b"\x16\x03\x03\x40\x00")  # of a handshake, 16,384 bytes are to come
            while True:
                connection.sendall(b"\x02")
                time.sleep(0.01)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=drip, args=(listening,), daemon=True)
        thread.start()
        port = listening.getsockname()[1]
        assert refusal(fetcher(limits=QUICK), f"https://127.0.0.1:{port}/") == "127.0.0.1 did not answer within 0.3 s"
        thread.join()


# Redirects


@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_followed_and_the_page_named_by_where_it_ended(status: str) -> None:
    site = {"/a/b": answer("", status, location="../c?x=1#part"), "/c?x=1": answer("page")}
    with serving(dict(site)) as server:
        page = fetcher().fetch(server.url("/a/b"))
        assert (page.url, page.content) == (server.url("/c?x=1"), b"page")


@pytest.mark.parametrize("location", ["/br%C3%BCcke", "/brücke".encode().decode("latin-1")])
def test_a_redirect_may_be_written_in_utf_8(location: str) -> None:
    assert fetched({"/": answer("", "302 Found", location=location), "/br%C3%BCcke": answer("page")}).content == b"page"


def test_five_redirects_are_followed_and_a_loop_is_not() -> None:
    steps = {f"/{n}": answer("", "302 Found", location=f"/{n + 1}") for n in range(5)}
    assert fetched({**steps, "/5": answer("page")}, "/0").content == b"page"
    with serving({"/": answer("", "302 Found", location="/")}) as server:
        assert refusal(fetcher(), server.url()) == "it redirects more than 5 times"
    assert server.pages == ["/"] * 6


@pytest.mark.parametrize(
    "target", ["http://127.0.0.2/", "http://169.254.169.254/latest", "http://[::1]/", "http://0x7f000002/"]
)
def test_a_redirect_to_a_host_that_is_not_public_is_refused(target: str) -> None:
    with serving({"/": answer("", "302 Found", location=target)}) as server:
        assert refusal(fetcher(), server.url()).endswith("which is not public")


@pytest.mark.parametrize("target", ["file:///etc/passwd", "http://ann:b@127.0.0.1/", "javascript:alert(1)", "http://[x/"])
def test_a_redirect_to_what_may_not_be_fetched_is_refused(target: str) -> None:
    with serving({"/": answer("", "302 Found", location=target)}) as server:
        assert refusal(fetcher(), server.url()).startswith("it redirects to ")
    assert server.pages == ["/"]


def test_robots_txt_is_asked_where_a_redirect_leads() -> None:
    with (
        serving({"/robots.txt": answer("User-agent: *\nDisallow: /private")}) as other,
        serving({"/": answer("", "302 Found", location=other.url("/private/page"))}) as server,
    ):
        assert refusal(fetcher(), server.url()) == "robots.txt of 127.0.0.1 does not allow it"
    assert other.requests == ["/robots.txt"]


# Answers


@pytest.mark.parametrize(
    ("status", "headers", "reason"),
    [
        ("404 Not Here", {}, "the server answered 404 (not found)"),
        ("204 No Content", {}, "the server answered 204 (no content)"),
        ("304 Not Modified", {}, "the server answered 304 (not modified)"),
        ("302 Found", {}, "the server answered 302 (found)"),
        ("799 Odd", {}, "the server answered 799"),
        ("429 Slow Down", {"retry_after": "120"}, "the server answered 429 (too many requests) and asks to try again in 120 s"),
        ("503 Down", {"retry_after": "60"}, "the server answered 503 (service unavailable) and asks to try again in 60 s"),
        ("503 Down", {"retry_after": "soon"}, "the server answered 503 (service unavailable)"),
        ("503 Down", {"retry_after": "9" * 5_000}, "the server answered 503 (service unavailable)"),
        ("503 Down", {"retry_after": "Wed, 21 Oct 2015 07:28:00 GMT"}, "the server answered 503 (service unavailable)"),
    ],
)
def test_another_answer_than_the_page_is_said_and_when_to_ask_again(status: str, headers: dict[str, str], reason: str) -> None:
    with serving({"/": answer("", status, **headers)}) as server:
        assert refusal(fetcher(), server.url()) == reason


def test_a_date_to_ask_again_at_is_said_as_seconds_from_now() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    with serving({"/": answer("", "503 Down", retry_after=later)}) as server:
        seconds = int(refusal(fetcher(), server.url()).split(" in ")[1].split(" ")[0])
    assert 3_500 < seconds <= 3_600


@pytest.mark.parametrize(
    ("said", "content_type", "charset"),
    [
        ("text/html; charset=utf-8", "text/html", "utf-8"),
        ('Text/HTML;Charset="ISO-8859-1"', "text/html", "iso-8859-1"),
        ("application/pdf", "application/pdf", None),
        ("text/html; charset=utf-99", "text/html", None),
        ("text/html; charset=base64", "text/html", None),
        ("text/html; charset=", "text/html", None),
        ("", None, None),
    ],
)
def test_what_the_server_says_of_the_text_is_passed_on_where_it_is_known(
    said: str, content_type: str | None, charset: str | None
) -> None:
    page = fetched({"/": answer("page", content_type=said)})
    assert (page.content_type, page.charset) == (content_type, charset)


def test_a_page_with_a_wrong_charset_comes_byte_for_byte() -> None:
    content = "Die Brücke".encode("cp1252")
    page = fetched({"/": answer(content, content_type="text/html; charset=utf-8")})
    assert (page.content, page.charset) == (content, "utf-8")


def test_a_server_that_is_no_web_server_is_a_refusal() -> None:
    with serving({"/": b"SSH-2.0-OpenSSH_9.6\r\n"}) as server:
        assert "broke off" in refusal(fetcher(), server.url())


@pytest.mark.parametrize("sent", [answer("page", content_length="100"), b"", b"HTTP/1.1 200 OK\r\nContent-Le"])
def test_a_page_that_is_cut_short_is_refused(sent: bytes) -> None:
    with serving({"/": sent}) as server:
        assert refusal(fetcher(), server.url()).startswith("the connection to 127.0.0.1 broke off")


def test_a_host_that_refuses_the_connection_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert refusal(fetcher(), f"http://127.0.0.1:{port}/") == "no connection to 127.0.0.1 (Connection refused)"


# Limits


def test_a_page_at_the_limit_comes_and_one_above_it_does_not() -> None:
    with serving({"/at": answer(b"a" * 200_000), "/above": answer(b"a" * 200_001)}) as server:
        assert len(fetcher(limits=SMALL).fetch(server.url("/at")).content) == 200_000
        assert refusal(fetcher(limits=SMALL), server.url("/above")) == "the page has more than 0.2 MB"


def packed(content: bytes) -> bytes:
    return answer(gzip.compress(content, mtime=0), content_encoding="gzip")


def test_a_packed_page_is_unpacked() -> None:
    content = b"".join(b"line %d\n" % number for number in range(50_000))
    assert fetched({"/": packed(content)}).content == content


@pytest.mark.parametrize(
    ("sent", "content"),
    [
        (gzip.compress(b"a", mtime=0) + gzip.compress(b"b", mtime=0), b"ab"),
        (gzip.compress(b"a", mtime=0) + b"\0" * 9, b"a"),
        (b"", b""),
        (gzip.compress(b"", mtime=0), b""),
    ],
)
def test_packed_pages_of_odd_shapes_are_unpacked(sent: bytes, content: bytes) -> None:
    assert fetched({"/": answer(sent, content_encoding="gzip")}).content == content


def test_a_page_that_unpacks_beyond_the_limit_is_left_at_the_limit() -> None:
    bomb = gzip.compress(b"\0" * 100_000_000)
    with serving({"/": answer(bomb, content_encoding="gzip")}) as server:
        given = fetcher(limits=SMALL)
        tracemalloc.start()
        reason = refusal(given, server.url())
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert reason == "the page has more than 0.2 MB"
    assert peak < 20_000_000


@pytest.mark.parametrize(
    ("sent", "encoding", "reason"),
    [
        (b"no gzip at all", "gzip", "the page came packed and cannot be unpacked"),
        (gzip.compress(b"cut short" * 99, mtime=0)[:-9], "gzip", "the page came packed and cannot be unpacked"),
        (zlib.compress(b"page"), "deflate", "the page came packed as 'deflate', which was not asked for"),
        (b"\x8b\x01\x80page\x03", "br", "the page came packed as 'br', which was not asked for"),
        (gzip.compress(gzip.compress(b"page", mtime=0), mtime=0), "gzip, gzip", "the page came packed as 'gzip, gzip'"),
    ],
)
def test_a_page_that_cannot_be_unpacked_is_refused(sent: bytes, encoding: str, reason: str) -> None:
    with serving({"/": answer(sent, content_encoding=encoding)}) as server:
        assert refusal(fetcher(), server.url()).startswith(reason)


def endless(start: bytes, piece: bytes, pause: float = 0.0) -> Callable[[socket.socket, str, str], None]:
    def write(connection: socket.socket, path: str, request: str) -> None:
        connection.sendall(start)
        while True:
            connection.sendall(piece)
            time.sleep(pause)

    return write


OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


def test_a_page_without_end_is_left_at_the_limit() -> None:
    with serving({"/": endless(OK + b"\r\n", b"a" * 9_999)}) as server:
        assert refusal(fetcher(limits=SMALL), server.url()) == "the page has more than 0.2 MB"


def test_headers_without_end_are_not_read() -> None:
    with serving({"/": endless(OK, b"X: " + b"a" * 9_999 + b"\r\n")}) as server:
        assert "broke off" in refusal(fetcher(), server.url())


@pytest.mark.parametrize(
    ("start", "piece"),
    [(OK + b"\r\n", b"a"), (OK, b"X: y\r\n"), (b"HTTP/1.1 2", b"0"), (b"", b"HTTP/1.1 100 Continue\r\n\r\n")],
    ids=["body", "headers", "status", "interim answers"],
)
def test_a_server_that_drips_is_left_when_all_time_is_up(start: bytes, piece: bytes) -> None:
    with serving({"/": endless(start, piece, 0.01)}) as server:
        assert refusal(fetcher(limits=QUICK), server.url()) == "it took longer than 0.4 s"


def test_the_time_runs_on_over_redirects() -> None:
    def slow(connection: socket.socket, path: str, request: str) -> None:
        time.sleep(0.15)
        connection.sendall(answer("", "302 Found", location="/"))

    with serving({"/": slow}) as server:
        assert refusal(fetcher(limits=QUICK), server.url()) == "it took longer than 0.4 s"


def test_a_look_up_that_does_not_come_back_is_left() -> None:
    ended = threading.Event()

    def never(host: str, port: int) -> list[str]:
        ended.wait(10)
        return []

    reason = refusal(fetcher(limits=QUICK, resolve=never), "http://example.org/")
    ended.set()
    assert reason == "example.org could not be looked up within 0.3 s"


# robots.txt and manners


def asked(robots: bytes, path: str = "/private/page") -> tuple[Server, str]:
    """The server, and why the page was not fetched, or what it holds."""
    with serving({"/robots.txt": robots, path: answer("page")}) as server:
        try:
            return server, fetcher(limits=SMALL).fetch(server.url(path)).content.decode()
        except PageUnreachable as error:
            return server, str(error)


@pytest.mark.parametrize(
    "rules",
    [
        "User-agent: *\nDisallow: /private",
        "User-agent: *\nDisallow: /\nAllow: /$",
        "User-agent: Pullquote\nDisallow: /\n\nUser-agent: *\nAllow: /",
        "\ufeffUser-agent: pullquote\r\nDisallow: /*page$\r\n",
    ],
)
def test_what_robots_txt_forbids_is_not_asked_for(rules: str) -> None:
    server, reason = asked(answer(rules, content_type="text/plain"))
    assert (reason, server.requests) == ("robots.txt of 127.0.0.1 does not allow it", ["/robots.txt"])


@pytest.mark.parametrize(
    "robots",
    [
        answer("User-agent: *\nDisallow: /private\nAllow: /private/page"),
        answer("User-agent: Other\nDisallow: /"),
        answer("User-agent: *\nDisallow: /\n\nUser-agent: Pullquote\nDisallow:"),
        answer("<html>no such page</html>"),
        answer(b"\xff\xfe\x00\x80"),
        answer(""),
        answer("no", "404 Not Found"),
        answer("no", "403 Forbidden"),
    ],
)
def test_what_robots_txt_does_not_forbid_is_fetched(robots: bytes) -> None:
    assert asked(robots)[1] == "page"


def test_nothing_is_fetched_where_robots_txt_cannot_be_had() -> None:
    server, reason = asked(answer("", "503 Down"))
    assert reason == (
        "robots.txt of 127.0.0.1 cannot be had, so nothing may be fetched there: the server answered 503 (service unavailable)"
    )
    assert server.pages == []


def test_of_a_long_robots_txt_the_beginning_counts_and_no_line_that_is_cut_through() -> None:
    rules = "User-agent: *\nDisallow: /private\n"
    filler = "#" * (511_990 - len(rules)) + "\n"
    assert "does not allow" in asked(answer(rules + filler + "x" * 99_999))[1]
    cut = "User-agent: *\n" + "#" * (512_000 - 14 - 12) + "\nDisallow: /other/and/more\n"
    assert asked(answer(cut))[1] == "page"


@pytest.mark.parametrize("end", ["\n", "\f", "\u2028 "])
def test_a_robots_txt_that_would_take_hours_to_read_forbids_all(end: str) -> None:
    tangled = "".join(f"User-agent: {n}{end}" for n in range(9_000)) + f"Disallow: /{end}" * 9_000
    assert asked(answer(tangled))[1] == "robots.txt of 127.0.0.1 has too many rules for too many robots to be read"


def test_robots_txt_is_asked_for_once() -> None:
    with serving({"/a": answer("a"), "/b": answer("b")}) as server, fetcher() as one:
        assert [one.fetch(server.url(path)).content for path in ("/a", "/b", "/a")] == [b"a", b"b", b"a"]
    assert server.requests == ["/robots.txt", "/a", "/b", "/a"]


def test_a_host_that_is_down_is_tried_once() -> None:
    tries = count()

    def none(host: str, port: int) -> list[str]:
        next(tries)
        raise OSError("down")

    given = fetcher(resolve=none)
    assert {refusal(given, f"http://example.org/{n}") for n in range(3)} == {"example.org cannot be found (down)"}
    assert next(tries) == 1


def paused(robots: str) -> list[float]:
    """How long was slept before the page's request and the two after it."""
    clock = Clock()
    with serving({"/robots.txt": answer(robots), "/": answer("page")}) as server:
        given = fetcher(limits=WebLimits(), clock=clock, sleep=clock.sleep)
        for _ in range(3):
            given.fetch(server.url())
    return clock.slept


@pytest.mark.parametrize(
    ("robots", "pause"),
    [
        ("", 1.0),
        ("User-agent: *\nCrawl-delay: 5", 5.0),
        ("User-agent: *\nCrawl-delay: 0.1", 1.0),
        ("User-agent: *\nCrawl-delay: 86400", 30.0),
        ("User-agent: *\nCrawl-delay: nan", 1.0),
        ("User-agent: *\nCrawl-delay: -5", 1.0),
    ],
)
def test_between_two_requests_to_a_host_there_is_a_pause(robots: str, pause: float) -> None:
    assert paused(robots) == [pause] * 3


def test_a_pause_is_not_taken_from_the_time_of_the_page() -> None:
    clock = Clock()
    with serving({"/robots.txt": answer("User-agent: *\nCrawl-delay: 25"), "/": answer("", "302 Found", location="/b"),
                  "/b": answer("page")}) as server:  # fmt: skip
        assert fetcher(limits=WebLimits(), clock=clock, sleep=clock.sleep).fetch(server.url()).content == b"page"
    assert sum(clock.slept) > WebLimits().seconds


def test_time_spent_since_the_last_request_counts_as_pause_and_other_hosts_need_none() -> None:
    clock = Clock()
    with serving({"/": answer("page")}) as server:
        given = fetcher(limits=WebLimits(), clock=clock, sleep=clock.sleep, resolve=lambda host, port: [str(LOOPBACK)])
        given.fetch(server.url(host="a.example"))
        clock.now += 0.75
        given.fetch(server.url(host="a.example"))
        given.fetch(server.url(host="b.example"))
    assert clock.slept == [1.0, 0.25, 1.0]  # robots.txt and page of a, page of a, robots.txt and page of b


def test_a_server_is_told_who_asks_and_nothing_of_the_reader() -> None:
    with serving({"/": answer("page", set_cookie="a=b")}) as server, fetcher() as one:
        one.fetch(server.url())
        one.fetch(server.url())
    assert user_agent().startswith("Pullquote/")
    assert f"User-Agent: {user_agent()}\r\n" in server.texts[0]
    names = {line.partition(":")[0] for text in server.texts for line in text.splitlines()[1:] if line}
    assert names == {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}


# Names of pages


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://example.org/a?utm_source=x&id=3&UTM_Medium=y&fbclid=z&gclid=1#top", "https://example.org/a?id=3"),
        ("https://example.org/?utm_source=x", "https://example.org/"),
        ("https://example.org/?q=a%20b+c&x=&y", "https://example.org/?q=a%20b+c&x=&y"),
        ("https://example.org/?futm_a=1&gclid2=2", "https://example.org/?futm_a=1&gclid2=2"),
    ],
)
def test_a_page_is_named_without_what_only_says_where_the_reader_came_from(url: str, name: str) -> None:
    assert canonicalize(url) == name
    assert canonicalize(name) == name


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("b", "https://example.org/a/b"),
        ("/b#c", "https://example.org/b"),
        ("//other.example/b", "https://other.example/b"),
        (" http://other.example/b\n", "http://other.example/b"),
        ("mailto:ann@example.org", None),
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("http://[bad/", None),
        ("http://", None),
    ],
)
def test_a_link_is_made_absolute_or_left(link: str, url: str | None) -> None:
    assert resolve_link("https://example.org/a/", link) == url
