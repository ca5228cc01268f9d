"""Texts that often break text processing, and checks of what a library does with them."""

from collections.abc import Iterable
from pathlib import Path

from hypothesis import strategies as st

from qa import Answer, Assistant
from qa.text.quotation import LONGEST_QUOTE

BREAKS = ("\n", "\r\n", "\r", "\n\n", "\r\n\r\n", "\x85", "\u2028", "\u2029", "\v", "\f", "\x1c")
SPACES = (" ", "  ", "\t", "\u00a0", "\u2003", "\u3000", "\u200b", "\ufeff")
WORDS = (
    *("refugees", "The wall", "Ft. Worth", "Dr.", "5 p.m. EST", "e.g.", "U.S.", "Mr. Caron said", "1,200", "Sept. 29", "3.5"),
    *(
        "ﬁnd ofﬁce",
        "cafe\u0301",
        "n\u0303o\u0300",
        "Ångström",
        "straße",
        "İstanbul",
        "naïve",
        "ЦПКБ",
        "北京大使館。",
        "שלום",
        "مرحبا",
    ),
    *(
        "\u202eevil\u202c",
        "👩‍👩‍👧‍👦",
        "🇰🇵",
        "👍🏽",
        "𝔘𝔫𝔦",
        "\x00",
        "\x07bell",
        "[link](x)",
        "| cell |",
        "#",
        "- item",
        "1.",
        "3)",
    ),
)
ENDS = (".", "!", "?", "…", ". . .", '."', ".”", "?!", "。", ":", ";", '"', "“", "”", "’", "(", ")", "--", "\u00ad")

FIXED = (
    *("", " ", "\n", "\r\n\r\n", "\u2028", "\x00", "a", ".", '"', "e\u0301", "\ufeffHello. World."),
    *("One.\r\nTwo.\rThree.\x85Four.\u2028Five.\u2029Six.", "Tab\tand\u00a0no-break space. Next."),
    *("x" * 5_000, "No full stop " * 500, "word " * 2_000 + "end.", "é" * 3_000 + ". " + "e\u0301" * 3_000),
    *("He said 👩‍👩‍👧‍👦. Then 🇰🇵! \u202eRTL override.\u202c שלום. مرحبا.", "The ﬁrst ofﬁce. “Quoted. Twice.” He left."),
    *(
        "NUL\x00inside. Bell\x07. Escape\x1b[31m. Delete\x7f.",
        "1. One\n2. Two\n- three\n\n* four",
        "Soft\u00adhyphen. Zero\u200bwidth.",
    ),
)


def texts(most: int = 40) -> st.SearchStrategy[str]:
    """Generate texts of awkward words, punctuation, spaces and line breaks, mixed with arbitrary characters."""
    piece = st.one_of(
        *(st.sampled_from(kind) for kind in (WORDS, ENDS, SPACES, BREAKS)),
        st.text(st.characters(exclude_categories=("Cs",)), max_size=8),
    )
    return st.lists(piece, max_size=most).map("".join)


def law_is_broken_by(assistant: Assistant, answers: Iterable[Answer]) -> list[str]:
    """Return every violation of the slice law in answers: text that is not verbatim at its span of the stored article."""
    broken = []
    for answer in answers:
        differing = [quote for each in answer.disagreements for value in each.values for quote in value.quotes]
        quotes = (*answer.quotes, *differing, *([answer.closest] if answer.closest else []))
        if answer.closest and (answer.found or answer.closest.highlight):
            broken.append(f"{answer.closest!r} is shown as an answer")
        for shown in (*quotes, *answer.passages):
            text = assistant.article(shown.article.id, shown.article.version).text
            if text[shown.start : shown.end] != shown.text or not shown.text:
                broken.append(f"{shown!r} stands over {text[shown.start : shown.end]!r}")
        for quote in quotes:
            article = assistant.article(quote.article.id, quote.article.version)
            if quote.highlight and not quote.start <= quote.highlight.start < quote.highlight.end <= quote.end:
                broken.append(f"{quote.highlight} is not inside {quote!r}")
            broken += [
                f"{quote!r} holds {place}" for place in article.set_aside if place.start < quote.end and quote.start < place.end
            ]
            if quote.end - quote.start > LONGEST_QUOTE:
                broken.append(f"{quote!r} is too long")
            if lead := quote.lead:
                if article.text[lead.start : lead.end] != lead.text or not 0 < len(lead.text) <= LONGEST_QUOTE:
                    broken.append(f"{lead!r} stands over {article.text[lead.start : lead.end]!r}")
                if lead.end > quote.start or any(
                    place.start < lead.end and lead.start < place.end for place in article.set_aside
                ):
                    broken.append(f"{lead!r} is no lead of {quote!r}")
            for place in quote.also_in:
                there = assistant.article(place.article.id, place.article.version).text[place.start : place.end]
                if not there or letters(there) not in letters(quote.text):
                    broken.append(f"{there!r} is not in {quote.text!r}")
        for passage in answer.passages:
            for sentence in passage.sentences:
                if not passage.start <= sentence.start < sentence.end <= passage.end:
                    broken.append(f"{sentence!r} is not inside {passage!r}")
    return broken


def letters(text: str) -> str:
    """Return only the letters and digits of a text, in lower case."""
    return "".join(character for character in text.casefold() if character.isalnum())


def write(folder: Path, **texts: str) -> list[Path]:
    """Write text files with exactly these contents, by name without the suffix, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, text in texts.items():
        path = folder / f"{name}.txt"
        path.write_bytes(text.encode())
        paths.append(path)
    return paths
