"""Hostile texts, a parser that reads markup as a browser does, and small answers to render."""

from html.parser import HTMLParser

from qa.types.articles import Answer, Article, Passage, Quote, Reference, Scores, Sentence, SetAside, Span

ATTACKS = [
    "<script>window.__pwn=1</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</blockquote></div><iframe src=https://example.com>",
    "${7*7} {{value}} `${alert(1)}` $a_b$ *x* _y_ &lt;b&gt; &#0;",
    "--> <!-- <![CDATA[ ]]> <?php ?>",
    "tab\there  two  spaces\u00a0nbsp\r\nCRLF\rCR\nLF\u2028LS\x85NEL",
    "\u202eRTL override, \u05d0\u05d1\u05d2, e\u0301, 👩‍👩‍👧‍👦, \ufeff, \u200b",
    "\n\nfirst lines are empty",
]


class Page(HTMLParser):
    """Markup parsed as by a browser: tags with their attributes, and the text inside the elements of each class or tag."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=False)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[tuple[str, str]] = []
        self._texts: dict[str, list[str]] = {}
        # A browser reads a carriage return as a line feed, so an unescaped one is lost.
        self.feed(str(markup).replace("\r\n", "\n").replace("\r", "\n"))
        self.close()
        assert not self._open

    def inside(self, name: str) -> list[str]:
        return self._texts.get(name, [])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        if tag in ("input", "img", "meta"):  # void elements have no end tag
            return
        self._open.append((tag, given.get("class") or ""))
        for name in {tag, given.get("class") or ""}:
            self._texts.setdefault(name, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        for name in {name for both in self._open for name in both}:
            self._texts[name][-1] += data

    def handle_charref(self, name: str) -> None:
        self.handle_data(chr(int(name[1:], 16) if name[0] in "xX" else int(name)))

    def handle_entityref(self, name: str) -> None:
        self.handle_data({"amp": "&", "lt": "<", "gt": ">", "quot": '"'}[name])

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    handle_decl = handle_pi = unknown_decl = handle_comment


def reference(title: str = "A title", source: str = "/articles/a.txt", published: str | None = "2004-10-15T06:39") -> Reference:
    return Reference("0123456789ab", title, source, published, "ab" * 32)


def article(text: str, *set_aside: SetAside, title: str = "A title") -> Article:
    return Article("0123456789ab", title, "/articles/a.txt", None, "ab" * 32, text, set_aside)


def quote(text: str = "Ten were seen.", *, of: Reference | None = None, highlight: Span | None = None) -> Quote:
    return Quote(1, of or reference(), 100, 100 + len(text), text, 1.5, 0.95, highlight)


def passage(text: str = "A passage.") -> Passage:
    sentences = (Sentence(0, len(text), 0.5),)
    return Passage(1, reference(), 0, len(text), text, 1.25, Scores(1.0, 0.5, 0.25, 0.75, 0.5, 0.0), sentences)


def answer(*quotes: Quote, question: str = "How many?", searched_for: str | None = None) -> Answer:
    timings = {"encode": 0.25, "words": 0.5, "total": 0.875}
    return Answer(question, searched_for or question, bool(quotes), 0.85, quotes, (passage(),), 3, timings)
