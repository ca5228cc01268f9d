"""What was measured as HTML: what can be chosen, a run's figures and failures, and two runs compared."""

from collections.abc import Mapping, Sequence

from qa.evaluation import Comparison, Figures, Outcome, Run, cause
from qa.evaluation.failure_reasons import FAILURES, Cause, group_failures
from qa.evaluation.metrics.measures import CONFIDENCE, PASSAGES, QUOTES
from qa.evaluation.metrics.metric_docs import MEANINGS, summary_sentences
from qa.evaluation.outcomes import article_of
from qa.evaluation.report_tables import short_source
from ui.html.markup import Html, element, join
from ui.html.quote import cite, origin, title_of
from ui.i18n.language import format_number, from_english, pieces, pluralize
from ui.i18n.language import gettext as _
from ui.state.question_sets import UPLOADED

_MOST_SHOWN = 100  # failures of one cause; the page is sent whole


def choosing_html(sets: Mapping[str, str], runs: Sequence[str]) -> Html:
    """The forms: what to measure, and which run to look at."""
    options = [element("option", name, value=value) for value, name in sets.items()]
    options.append(element("option", _("A file of yours…"), value=UPLOADED))
    measure = element(
        "form",
        _field(_("Test questions"), element("select", *options, name="questions", id="measure-questions"), "measure-questions"),
        _field(
            _("File"),
            element("input", type="file", name="file", id="measure-file", accept=".jsonl,.json,.csv,.tsv"),
            "measure-file",
        ),
        _field(
            _("Name of the run"),
            element("input", name="name", id="measure-name", maxlength=80, autocomplete="off"),
            "measure-name",
        ),
        element("button", _("Measure"), type="submit", class_="go"),
        data_event="measure",
        class_="choosing",
    )
    if not runs:
        return element("div", element("h2", _("Measure the library")), measure)
    listed = [element("option", name, value=name) for name in reversed(runs)]
    show = element(
        "form",
        _field(_("Show"), element("select", *listed, name="run", id="show-run"), "show-run"),
        _field(
            _("Compared with"),
            element("select", element("option", _("no other"), value=""), *listed, name="before", id="show-before"),
            "show-before",
        ),
        element("button", _("Show"), type="submit", class_="go"),
        data_event="show",
        class_="choosing",
    )
    return element("div", element("h2", _("Measure the library")), measure, element("h2", _("Runs")), show)


def _field(label: str, control: Html, for_: str) -> Html:
    return element("p", element("label", label, for_=for_), control, class_="field")


def working_html(done: int, total: int) -> Html:
    """How far a run has come."""
    says = _("{n} of {questions} asked", n=done, questions=pluralize(total, "question"))
    bar = element("progress", value=done, max=max(total, 1), aria_label=_("Questions asked"))
    return element("div", element("p", bar), element("p", says, role="status"), class_="working")


def run_html(run: Run) -> Html:
    """A run: in a sentence, in figures, and what went wrong."""
    figures = run.figures
    made = run.made
    when, asked = made.date[:16].replace("T", " "), pluralize(made.n_questions, "question")
    says = _("{when} UTC · {questions} in {seconds:.1f} seconds", when=when, questions=asked, seconds=made.seconds)
    how = _(
        "encoder {encoder} · reader {reader} · generation {generation} of the library",
        encoder=made.encoder,
        reader=made.reader,
        generation=made.generation,
    )
    return element(
        "section",
        element("h2", _("Run {name}", name=run.name) if run.name else _("Run")),
        element("p", " ".join(map(from_english, summary_sentences(figures))), class_="lead"),
        element("p", says, class_="origin"),
        element("p", how, class_="origin"),
        _figures(figures),
        _found(figures),
        _plots(run),
        *_failures(run),
        class_="run",
        aria_label=_("Run"),
    )


def _figures(figures: Figures) -> Html:
    rows = [
        (name, f"{figures.values[name]:.3f}", format_number(figures.of[name]), from_english(MEANINGS[name]))
        for name in (*QUOTES, *CONFIDENCE)
        if name in figures.values
    ]
    rows += [
        ("p50", f"{figures.median_seconds * 1000:.0f} ms", format_number(figures.n_questions), from_english(MEANINGS["p50"])),
        ("p95", f"{figures.p95_seconds * 1000:.0f} ms", format_number(figures.n_questions), from_english(MEANINGS["p95"])),
    ]
    heads = (_("Measure"), _("Value"), _("Questions"), _("What it says"))
    return _table(_("Quotes, confidence and time"), heads, rows)


def _found(figures: Figures) -> Html:
    names = [name for name in PASSAGES if name in figures.passages or name in figures.articles]
    rows = [(name, _share(figures.passages.get(name)), _share(figures.articles.get(name))) for name in names]
    return _table(_("What was found"), (_("Measure"), _("Passages"), _("Articles")), rows) if rows else Html("")


def _plots(run: Run) -> Html:
    from qa.evaluation.plots import plots

    # The drawings are our own, made by matplotlib, which escapes what text they hold.
    drawn = [element("figure", Html(each.svg), element("figcaption", each.caption)) for each in plots(run, "run")]
    return element("div", *drawn, class_="plots")


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Html:
    body = (element("tr", element("th", row[0], scope="row"), *(element("td", cell) for cell in row[1:])) for row in rows)
    table = element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *(element("th", head, scope="col") for head in heads))),
        element("tbody", *body),
    )
    return element("div", table, class_="table", role="region", aria_label=caption, tabindex=0)


def _failures(run: Run) -> list[Html]:
    wrong = group_failures(run.outcomes)
    if not wrong:
        return [element("p", _("Nothing went wrong."), class_="origin")]
    return [element("h2", _("What went wrong")), *(_of_cause(why, outcomes, run) for why, outcomes in wrong.items())]


def _of_cause(why: Cause, outcomes: Sequence[Outcome], run: Run) -> Html:
    shown = element("ol", *(_failure(outcome, run) for outcome in outcomes[:_MOST_SHOWN]))
    more = len(outcomes) - _MOST_SHOWN
    parts = [element("summary", _("{what}: {n}", what=from_english(FAILURES[why]), n=len(outcomes))), shown]
    if more > 0:
        says = _("And {more}: `pullquote eval --failures` lists all.", more=pluralize(more, "more question"))
        parts.append(element("p", says, class_="origin"))
    return element("details", *parts, class_="failures")


def _failure(outcome: Outcome, run: Run) -> Html:
    question = outcome.question
    parts = [element("p", question.question, class_="question", dir="auto")]
    if question.answers:
        answers = join((element("q", answer) for answer in question.answers), ", ")
        place = _expected_in(outcome, run)
        expected = pieces("Expected: {answers}", answers=answers)
        if place is not None:
            expected = pieces("Expected: {answers} in {article}", answers=answers, article=place)
        parts.append(element("p", *expected, class_="expected"))
    elif question.answers is not None:
        parts.append(element("p", _("Expected: no answer"), class_="expected"))
    if outcome.quotes:
        quote = outcome.quotes[0]
        words = element("blockquote", quote.text)
        button = cite(title_of(quote.article), quote.article, quote.start, quote.end, class_="cite")
        parts += [words, element("p", button, " ", origin(quote.article, part=quote.part), class_="citation")]
    else:
        says = _("Nothing was quoted; confidence {confidence:.2f}.", confidence=outcome.confidence)
        parts.append(element("p", says, class_="origin"))
    return element("li", *parts)


def _expected_in(outcome: Outcome, run: Run) -> Html | None:
    """Where the answer stands: a passage that holds it opens."""
    place = next(iter(outcome.gold_passages), None)
    if place is None:
        return None
    article_id = article_of(place)
    name = short_source(run.sources.get(article_id, _("the article")))
    start, end = place.rsplit(":", 2)[1:]
    place_of: dict[str, str] = {"data_article": article_id, "data_start": start, "data_end": end}
    return element("button", name, type="button", data_event="open", class_="place", **place_of)


def comparison_html(found: Comparison, earlier: Run, run: Run) -> Html:
    """What is better and what worse than in an earlier run, and whether that may be chance."""
    rows = [
        (
            each.measure,
            f"{each.a:.3f}",
            f"{each.b:.3f}",
            f"{each.difference:+.3f}",
            _("{low} to {high}", low=f"{each.low:+.3f}", high=f"{each.high:+.3f}"),
            f"{each.p:.3f}",
            f"{len(each.won)} / {len(each.lost)}",
        )
        for each in found.differences
        if each.won or each.lost
    ]
    names = {"run": run.name or _("This run"), "other": earlier.name or _("the other")}
    parts = [element("h2", _("{run} compared with {other}", **names))]
    asked = pluralize(found.n_questions, "question")
    if found.n_left_out:
        asked = _("{questions}; {n} not in both left out", questions=asked, n=found.n_left_out)
    parts.append(element("p", _("{sentence}.", sentence=asked), " ", _changes(found), class_="origin"))
    if rows:
        heads = (_("Measure"), _("Before"), _("Now"), _("Difference"), _("95 % interval"), "p", _("Won / lost"))
        parts += [_table(_("Measures that differ"), heads, rows), *_won_and_lost(found, earlier, run)]
    else:
        parts.append(element("p", _("No question came out differently.")))
    return element("section", *parts, class_="run", aria_label=_("Comparison"))


def _changes(found: Comparison) -> str:
    names = ", ".join(found.changed)
    return _("What made them differs in: {names}.", names=names) if names else _("The same made both.")


def _won_and_lost(found: Comparison, earlier: Run, run: Run) -> list[Html]:
    """The questions whose first quote is right in one of them only."""
    before, after = ({outcome.question.id: outcome for outcome in each.outcomes} for each in (earlier, run))
    try:
        difference = found.of("quote@1")
    except KeyError:
        return []
    lists = []
    for says, ids in (
        (_("Answered now, and not before"), difference.won),
        (_("Answered before, and not now"), difference.lost),
    ):
        if ids:
            items = (
                element(
                    "li",
                    before[each].question.question,
                    " — ",
                    from_english(cause(before[each])),
                    " → ",
                    from_english(cause(after[each])),
                )
                for each in ids[:_MOST_SHOWN]
            )
            lists.append(
                element(
                    "details",
                    element("summary", _("{what}: {n}", what=says, n=len(ids))),
                    element("ul", *items),
                    class_="failures",
                )
            )
    return lists
