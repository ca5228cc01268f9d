"""What a notebook shows of answers, quotes, passages, articles, runs and comparisons: HTML and Markdown.

`qa.types.display` calls `to_html` and `to_markdown` for `_repr_html_` and `_repr_markdown_`.
"""

from collections.abc import Callable, Iterable
from typing import Any

from qa.evaluation.comparison import Comparison
from qa.evaluation.metrics.metric_docs import summarize
from qa.evaluation.report_tables import Row, Table, figure_tables
from qa.evaluation.run import Run
from qa.types.articles import Answer, Article, Disagreement, Passage, Quote, Reference
from qa.types.rows import Answers, Articles, Passages
from ui.html.citations import citation, markdown, markdown_block, markdown_inline, markdown_line, one_line
from ui.html.environment import render
from ui.html.report import markdown_table, run_title
from ui.html.words import percent, source_name
from ui.i18n.language import from_english
from ui.i18n.language import gettext as _

_MARKS = ("\ue000", "\ue001")  # stand for <mark> and </mark> while Markdown is escaped
_NEAREST = 3  # passages shown where nothing is quoted


def to_html(value: Any) -> str:
    """Return what a notebook shows of a value: escaped HTML without script.

    Raises:
        TypeError: a notebook shows no such value.
    """
    templates: dict[type, Callable[[Any], tuple[Any, ...]]] = {
        Answer: lambda answer: ("answer", answer),
        Answers: lambda answers: ("answers", answers),
        Article: lambda article: ("article", article),
        Articles: lambda articles: ("articles", articles),
        Comparison: lambda pair: ("tables", "Comparison", _comparison_summary(pair), [_comparison_table(pair)]),
        Passage: lambda passage: ("passages", [passage]),
        Passages: lambda passages: ("passages", passages),
        Quote: lambda quote: ("quote", quote),
        Run: lambda run: ("tables", run_title(run), summarize(run.figures), figure_tables(run)),
    }
    return str(render("notebook.html", *_of_type(value, templates)(value)))


def to_markdown(value: Any) -> str:
    """Return what a notebook shows of a value as Markdown. The words that answer stand between `<mark>` and `</mark>`.

    Raises:
        TypeError: a notebook shows no such value.
    """
    writers: dict[type, Callable[[Any], str]] = {
        Answer: answer_markdown,
        Answers: answers_markdown,
        Article: _article_markdown,
        Articles: lambda articles: "\n".join(f"- {_article_line(article)} `{article.id}`" for article in articles),
        Comparison: _comparison_markdown,
        Passage: _passage_markdown,
        Passages: lambda passages: "\n\n".join(map(_passage_markdown, passages)),
        Quote: quote_markdown,
        Run: _run_markdown,
    }
    markdown_text: str = _of_type(value, writers)(value)
    return markdown_text + "\n"


def _of_type(value: object, by_type: dict[type, Any]) -> Any:
    for kind, entry in by_type.items():
        if isinstance(value, kind):
            return entry
    raise TypeError(f"A notebook does not show {type(value).__name__}.")


def answers_markdown(answers: Iterable[Answer]) -> str:
    """Return answers one after another, each under its question."""
    return "\n\n".join(f"## {markdown_line(one_line(each.question))}\n\n{answer_markdown(each)}" for each in answers)


def answer_markdown(answer: Answer) -> str:
    """Return the quotes of an answer with their citations, what articles differ on, or the closest sentence."""
    if answer.help is not None:
        return markdown_line(one_line(from_english(answer.help)))
    parts = []
    if answer.searched_for != answer.question:
        parts.append(markdown_line(one_line(_("Searched for: {question}", question=answer.searched_for))))
    parts += [_differing_markdown(each, answer) for each in answer.disagreements]
    parts += map(quote_markdown, answer.quotes)
    if answer.closest:
        parts += [f"{_('Not sure.')} {_('This sentence comes closest:')}", quote_markdown(answer.closest)]
    elif not answer.found:
        parts.append(from_english(answer.hint) if answer.hint else _("No sentence found that answers this."))
    if not answer.found and answer.passages:
        parts += [_("Nearest passages (not an answer)"), *map(_passage_markdown, answer.passages[:_NEAREST])]
    return "\n\n".join(parts)


def quote_markdown(quote: Quote) -> str:
    """Return a quote as a block quote, its answering words marked, with its citation and confidence."""
    return f"{_marked(quote)} · {markdown_inline(percent(quote.confidence))}"


def _marked(quote: Quote) -> str:
    """Write the quote as `citations.markdown` does, with the answering words marked where they stand on one line."""
    words = quote.highlighted
    if not words or len(words.splitlines()) != 1 or any(mark in quote.text for mark in _MARKS):
        return markdown(quote).rstrip("\n")
    assert quote.highlight
    start, end = quote.highlight.start - quote.start, quote.highlight.end - quote.start
    text = f"{quote.text[:start]}{_MARKS[0]}{words}{_MARKS[1]}{quote.text[end:]}"
    lead = f"{markdown_block(quote.lead.text)}\n>\n> […]\n>\n" if quote.lead else ""
    marked = markdown_block(text).replace(_MARKS[0], "<mark>").replace(_MARKS[1], "</mark>")
    return f"{lead}{marked}\n\n— {citation(quote, in_markdown=True)}"


def _differing_markdown(disagreement: Disagreement, answer: Answer) -> str:
    ranks_below = {quote.rank for quote in answer.quotes}
    lines = [f"**{_('Articles differ:')}**", ""]
    for value in disagreement.values:
        cited = "; ".join(f"\\[{quote.rank}\\] {citation(quote, in_markdown=True)}" for quote in value.quotes)
        lines.append(f"- **{markdown_inline(one_line(value.text))}** — {cited}")
    others = [quote for value in disagreement.values for quote in value.quotes if quote.rank not in ranks_below]
    return "\n\n".join(["\n".join(lines), *map(quote_markdown, others)])


def _passage_markdown(passage: Passage) -> str:
    return f"{markdown_block(passage.text)}\n\n— {passage.rank}, {passage.score:.3f}, {_article_line(passage.article)}"


def _article_markdown(article: Article) -> str:
    return f"**{_article_line(article)}**\n\n{markdown_block(article.text)}"


def _article_line(article: Reference) -> str:
    words = (article.title or source_name(article), article.author, (article.published or "")[:10], source_name(article))
    return ", ".join(markdown_inline(one_line(word)) for word in words if word)


def _run_markdown(run: Run) -> str:
    return "\n\n".join(
        [f"**{markdown_inline(run_title(run))}**", summarize(run.figures), *map(markdown_table, figure_tables(run))]
    )


def _comparison_markdown(comparison: Comparison) -> str:
    return f"{_comparison_summary(comparison)}\n\n{markdown_table(_comparison_table(comparison))}"


def _comparison_summary(comparison: Comparison) -> str:
    left_out = f", {comparison.n_left_out:,} not in both left out" if comparison.n_left_out else ""
    changed = f" They differ in {', '.join(comparison.changed)}." if comparison.changed else ""
    return f"{comparison.n_questions:,} questions{left_out}; p by a paired randomisation test.{changed}"


def _comparison_table(comparison: Comparison) -> Table:
    rows = tuple(
        Row(
            each.measure,
            "",
            (
                f"{each.a:.3f}",
                f"{each.b:.3f}",
                f"{each.difference:+.3f}",
                f"{each.low:+.3f} to {each.high:+.3f}",
                f"{each.p:.3f}",
                f"{len(each.won)} / {len(each.lost)}",
            ),
        )
        for each in comparison.differences
    )
    return Table("Two runs", "Measure", ("A", "B", "B − A", "95 % interval", "p", "won / lost"), rows)
