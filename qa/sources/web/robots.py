"""What the robots.txt of a site allows, asked for once.

Source: RFC 9309; the pause that some ask for with `Crawl-delay` is not in it and is kept too.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from qa.sources.web.addresses import HostUnreachable
from qa.sources.web.http_request import Answered
from qa.types.errors import PageUnreachable

if TYPE_CHECKING:
    from httpx import URL
    from protego import Protego

AGENT = "Pullquote"  # the name that a robots.txt may speak of
_AGENT_LINE = re.compile(r"\s*user[-\s]*agent", re.I)
_MOST_RULES = 2_000_000  # each rule is kept for each robot that it is for; real ones come to thousands


class Robots:
    """The rules of every site that was asked; `fetch` fetches a robots.txt, at most as much of it as is to be read."""

    def __init__(self, fetch: Callable[[str], bytes]) -> None:
        self._fetch = fetch
        self._known: dict[str, Protego | str] = {}

    def pause(self, url: "URL") -> float:
        """The seconds between two requests that the site of a page asks for, 0 where it asks for none.

        Raises:
            PageUnreachable: the page may not be fetched.
        """
        site = f"{url.scheme}://{url.netloc.decode('ascii')}"
        if site not in self._known:
            self._known[site] = self._rules(site, url)
        rules = self._known[site]
        if isinstance(rules, str):
            raise PageUnreachable(rules)
        if not rules.can_fetch(str(url), AGENT):
            raise PageUnreachable(f"robots.txt of {url.host} does not allow it")
        return float(rules.crawl_delay(AGENT) or 0.0)

    def _rules(self, site: str, url: "URL") -> "Protego | str":
        from protego import Protego

        try:
            content = self._fetch(f"{site}/robots.txt")
        except HostUnreachable as error:
            return str(error)
        except PageUnreachable as error:
            if not isinstance(error, Answered) or not 400 <= error.status < 500:
                # There may be one, and what it forbids is not known.
                return f"robots.txt of {url.host} cannot be had, so nothing may be fetched there: {error}"
            content = b""
        text = content.decode("utf-8-sig", "replace")
        lines = text.splitlines()
        if len([line for line in lines if _AGENT_LINE.match(line)]) * len(lines) > _MOST_RULES:
            return f"robots.txt of {url.host} has too many rules for too many robots to be read"
        return Protego.parse(text)
