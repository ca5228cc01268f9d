"""The addresses in a sitemap, read as they come by: no tree is built, no entity and nothing outside is looked at.

Source: sitemaps.org, "Sitemaps XML format".
"""

from xml.etree.ElementTree import ParseError

from qa.types.errors import ArticleUnreadable

_DEEPEST = 20  # elements in elements; pictures, news and translations of a page take four
_LONGEST = 2_048  # characters of an address, by the protocol


def locations(content: bytes, element: str, most: int) -> list[tuple[str, str | None]]:
    """Address and date of last change, as written, of the elements of a name: `url` or `sitemap`.

    Raises:
        ArticleUnreadable: it is damaged or holds more than `most`.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import DefusedXMLParser

    found = _Locations(element, most)
    parser = DefusedXMLParser(target=found)
    try:
        parser.feed(content)
        parser.close()
    except DefusedXmlException as error:
        raise ArticleUnreadable("the sitemap declares entities, which are not read") from error
    except (ParseError, ValueError, LookupError) as error:
        raise ArticleUnreadable(f"the sitemap is damaged ({error})") from error
    return found.found


class _Locations:
    """Takes the parser's events."""

    def __init__(self, element: str, most: int) -> None:
        self.found: list[tuple[str, str | None]] = []
        self._element, self._most = element, most
        self._path: list[str] = []
        self._texts: dict[str, str] = {}

    def start(self, tag: str, _: dict[str, str]) -> None:
        self._path.append(tag)
        if len(self._path) > _DEEPEST:
            raise ArticleUnreadable("the sitemap is damaged (elements are too deep in one another)")

    def data(self, text: str) -> None:
        # An address of a picture stands deeper; one of the page's own is the third element from outside.
        if len(self._path) == 3:
            name = self._path[-1].rpartition("}")[2]
            if name in ("loc", "lastmod") and len(self._texts.get(name, "")) < _LONGEST:
                self._texts[name] = self._texts.get(name, "") + text

    def end(self, _: str) -> None:
        if len(self._path) == 2:
            if self._path[-1].rpartition("}")[2] == self._element and "loc" in self._texts:
                self.found.append((self._texts["loc"].strip(), self._texts.get("lastmod")))
            self._texts = {}
            if len(self.found) > self._most:
                raise ArticleUnreadable(f"the sitemap holds more than {self._most:,} entries")
        self._path.pop()

    def close(self) -> None:
        """Nothing is left to do."""
