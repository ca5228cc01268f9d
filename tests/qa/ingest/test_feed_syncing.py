"""Tests of syncing with a feed: new pages are added, changed pages are updated, and pages it no longer lists are kept."""

from collections.abc import Iterator

import pytest
from conftest import Run
from support.servers import Handler, Server, answer, dated_feed, fetcher, serving

from qa import Assistant
from qa.types.articles import Report

Site = dict[str, bytes | Handler]


def page(said: str) -> bytes:
    return answer(f"<html><head><title>News</title></head><body><article><p>{said}</p></article></body></html>")


def feed(*paths: str) -> bytes:
    return answer(dated_feed(paths), content_type="application/rss+xml")


@pytest.fixture
def site() -> Site:
    """Make a feed of three pages, and a fourth page that it does not list yet."""
    return {
        "/feed": feed("/bridge", "/tower", "/mill"),
        "/bridge": page("The bridge fell at noon on Friday."),
        "/tower": page("The tower fell at night on Sunday."),
        "/mill": page("The mill burned down on Monday."),
        "/ferry": page("The ferry sails at six in the morning."),
    }


@pytest.fixture
def server(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr("qa.sources.web.fetching.Fetcher", fetcher)  # the real one refuses loopback addresses
    with serving(site) as started:
        yield started


def told(report: Report, server: Server) -> dict[str, list[str]]:
    """Return the paths by outcome, without outcomes that did not occur."""
    fates = {name: getattr(report, name) for name in ("added", "updated", "unchanged", "removed", "failed")}
    return {name: sorted(each.source.removeprefix(server.url("")) for each in found) for name, found in fates.items() if found}


def texts(assistant: Assistant) -> str:
    return "\n".join(assistant.article(each.id).text for each in assistant.articles())


def test_a_feed_is_followed_entry_by_entry(assistant: Assistant, server: Server, site: Site) -> None:
    address = server.url("/feed")
    assert told(assistant.sync(address), server) == {"added": ["/bridge", "/mill", "/tower"]}
    assert told(assistant.sync(address), server) == {"unchanged": ["/bridge", "/mill", "/tower"]}
    site["/feed"] = feed("/ferry", "/bridge", "/tower")  # no longer lists the mill
    site["/tower"] = page("The tower fell at dawn on Sunday.")
    assert told(assistant.sync(address), server) == {"added": ["/ferry"], "updated": ["/tower"], "unchanged": ["/bridge"]}
    held = texts(assistant)
    assert "The mill burned down" in held, "a feed names only what is new; the rest is no less true"
    assert ("at dawn" in held, "at night" in held) == (True, False)
    assert assistant.check().problems == ()


def test_what_left_the_feed_can_still_be_quoted_and_what_changed_is_quoted_as_it_is_now(
    assistant: Assistant, server: Server, site: Site
) -> None:
    assistant.sync(server.url("/feed"))
    site["/feed"], site["/tower"] = feed("/tower"), page("The tower fell at dawn on Sunday.")
    assistant.sync(server.url("/feed"))
    quoted = {quote.text for quote in assistant.ask("When did the mill burn and the tower fall?", 10).quotes}
    assert {"The mill burned down on Monday.", "The tower fell at dawn on Sunday."} <= quoted
    assert not any("at night" in text for text in quoted)


def test_a_page_that_is_gone_from_the_server_fails_and_keeps_its_article(
    assistant: Assistant, server: Server, site: Site
) -> None:
    assistant.sync(server.url("/feed"))
    del site["/tower"]
    report = assistant.sync(server.url("/feed"))
    assert told(report, server) == {"unchanged": ["/bridge", "/mill"], "failed": ["/tower"]}
    assert len(assistant.articles()) == 3


@pytest.mark.parametrize("broken", [answer("", "500 Internal Server Error"), feed()], ids=["fails", "names nothing"])
def test_a_feed_that_cannot_be_had_or_is_empty_takes_nothing_out(
    assistant: Assistant, server: Server, site: Site, broken: bytes
) -> None:
    assistant.sync(server.url("/feed"))
    site["/feed"] = broken
    assert told(assistant.sync(server.url("/feed")), server) == {"failed": ["/feed"]}
    assert len(assistant.articles()) == 3


def test_no_more_pages_of_a_feed_are_asked_for_than_are_wanted(assistant: Assistant, server: Server) -> None:
    assert told(assistant.sync(server.url("/feed"), newest=2), server) == {"added": ["/bridge", "/tower"]}
    assert server.pages == ["/feed", "/bridge", "/tower"]


def test_the_command_counts_what_became_of_a_feed(run: Run, server: Server, site: Site) -> None:
    assert run("sync", server.url("/feed"))[1].endswith("3 added, 0 updated, 0 unchanged, 0 failed.\n")
    site["/feed"], site["/tower"] = feed("/ferry", "/bridge", "/tower"), page("The tower fell at dawn on Sunday.")
    code, out, err = run("sync", server.url("/feed"))
    assert (code, err) == (0, "")
    assert out.endswith("1 added, 1 updated, 1 unchanged, 0 failed.\n")
    assert f"added      {server.url('/ferry')}" in out
    assert f"updated    {server.url('/tower')}" in out
    assert server.url("/mill") in run("list")[1]
