"""What was measured as HTML: what can be chosen, a run's figures and failures, and two runs compared."""

from collections.abc import Mapping, Sequence

from qa.evaluation import Comparison, Figures, Outcome, Run, cause
from qa.evaluation.causes import Cause
from qa.evaluation.meanings import FAILURES, MEANINGS, failures, summed_up
from qa.evaluation.measures import CONFIDENCE, PASSAGES, QUOTES
from qa.evaluation.outcomes import article_of
from qa.evaluation.reported import source_named
from ui.markup import Html, element, join
from ui.question_sets import UPLOADED
from ui.render_quote import cite, counted, origin, title_of

_MOST_SHOWN = 100  # failures of one cause; the page is sent whole


def choosing_html(sets: Mapping[str, str], runs: Sequence[str]) -> Html:
    """The forms: what to measure, and which run to look at."""
    options = [element("option", name, value=value) for value, name in sets.items()]
    options.append(element("option", "A file of yours…", value=UPLOADED))
    measure = element(
        "form",
        _field("Test questions", element("select", *options, name="questions", id="measure-questions"), "measure-questions"),
        _field(
            "File",
            element("input", type="file", name="file", id="measure-file", accept=".jsonl,.json,.csv,.tsv"),
            "measure-file",
        ),
        _field(
            "Name of the run",
            element("input", name="name", id="measure-name", maxlength=80, autocomplete="off"),
            "measure-name",
        ),
        element("button", "Measure", type="submit", class_="go"),
        data_event="measure",
        class_="choosing",
    )
    if not runs:
        return element("div", element("h2", "Measure the library"), measure)
    listed = [element("option", name, value=name) for name in reversed(runs)]
    show = element(
        "form",
        _field("Show", element("select", *listed, name="run", id="show-run"), "show-run"),
        _field(
            "Compared with",
            element("select", element("option", "no other", value=""), *listed, name="before", id="show-before"),
            "show-before",
        ),
        element("button", "Show", type="submit", class_="go"),
        data_event="show",
        class_="choosing",
    )
    return element("div", element("h2", "Measure the library"), measure, element("h2", "Runs"), show)


def _field(label: str, control: Html, for_: str) -> Html:
    return element("p", element("label", label, for_=for_), control, class_="field")


def working_html(done: int, total: int) -> Html:
    """How far a run has come."""
    says = f"{done:,} of {total:,} questions asked"
    bar = element("progress", value=done, max=max(total, 1), aria_label="Questions asked")
    return element("div", element("p", bar), element("p", says, role="status"), class_="working")


def run_html(run: Run) -> Html:
    """A run: in a sentence, in figures, and what went wrong."""
    figures = run.figures
    made = run.made
    told = f"{made.date[:16].replace('T', ' ')} UTC · {counted(made.n_questions, 'question')} in {made.seconds:.1f} seconds"
    how = f"encoder {made.encoder} · reader {made.reader} · generation {made.generation} of the library"
    return element(
        "section",
        element("h2", f"Run {run.name}" if run.name else "Run"),
        element("p", summed_up(figures), class_="lead"),
        element("p", told, class_="origin"),
        element("p", how, class_="origin"),
        _figures(figures),
        _found(figures),
        _plots(run),
        *_failures(run),
        class_="run",
        aria_label="Run",
    )


def _figures(figures: Figures) -> Html:
    rows = [
        (name, f"{figures.values[name]:.3f}", f"{figures.of[name]:,}", MEANINGS[name])
        for name in (*QUOTES, *CONFIDENCE)
        if name in figures.values
    ]
    rows += [
        ("p50", f"{figures.median_seconds * 1000:.0f} ms", f"{figures.n_questions:,}", MEANINGS["p50"]),
        ("p95", f"{figures.p95_seconds * 1000:.0f} ms", f"{figures.n_questions:,}", MEANINGS["p95"]),
    ]
    return _table("Quotes, confidence and time", ("Measure", "Value", "Questions", "What it says"), rows)


def _found(figures: Figures) -> Html:
    names = [name for name in PASSAGES if name in figures.passages or name in figures.articles]
    rows = [(name, _share(figures.passages.get(name)), _share(figures.articles.get(name))) for name in names]
    return _table("What was found", ("Measure", "Passages", "Articles"), rows) if rows else Html("")


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
    wrong = failures(run.outcomes)
    if not wrong:
        return [element("p", "Nothing went wrong.", class_="origin")]
    return [element("h2", "What went wrong"), *(_of_cause(why, outcomes, run) for why, outcomes in wrong.items())]


def _of_cause(why: Cause, outcomes: Sequence[Outcome], run: Run) -> Html:
    shown = element("ol", *(_failure(outcome, run) for outcome in outcomes[:_MOST_SHOWN]))
    more = len(outcomes) - _MOST_SHOWN
    parts = [element("summary", f"{FAILURES[why]}: {len(outcomes):,}"), shown]
    if more > 0:
        parts.append(
            element("p", f"And {counted(more, 'more question')}: `pullquote eval --failures` lists all.", class_="origin")
        )
    return element("details", *parts, class_="failures")


def _failure(outcome: Outcome, run: Run) -> Html:
    question = outcome.question
    parts = [element("p", question.question, class_="question", dir="auto")]
    if question.answers:
        answers = join((element("q", answer) for answer in question.answers), ", ")
        parts.append(element("p", "Expected: ", answers, *_expected_in(outcome, run), class_="expected"))
    elif question.answers is not None:
        parts.append(element("p", "Expected: no answer", class_="expected"))
    if outcome.quotes:
        quote = outcome.quotes[0]
        words = element("blockquote", quote.text)
        button = cite(title_of(quote.article), quote.article, quote.start, quote.end, class_="cite")
        parts += [words, element("p", button, " ", origin(quote.article, part=quote.part), class_="citation")]
    else:
        parts.append(element("p", f"Nothing was quoted; confidence {outcome.confidence:.2f}.", class_="origin"))
    return element("li", *parts)


def _expected_in(outcome: Outcome, run: Run) -> list[str]:
    """Where the answer stands: a passage that holds it opens."""
    place = next(iter(outcome.gold_passages), None)
    if place is None:
        return []
    article_id = article_of(place)
    name = source_named(run.sources.get(article_id, "the article"))
    _, start, end = place.rsplit(":", 2)
    return [
        " in ",
        element(
            "button",
            name,
            type="button",
            data_event="open",
            data_article=article_id,
            data_start=start,
            data_end=end,
            class_="place",
        ),
    ]


def comparison_html(found: Comparison, earlier: Run, run: Run) -> Html:
    """What is better and what worse than in an earlier run, and whether that may be chance."""
    rows = [
        (
            each.measure,
            f"{each.a:.3f}",
            f"{each.b:.3f}",
            f"{each.difference:+.3f}",
            f"{each.low:+.3f} to {each.high:+.3f}",
            f"{each.p:.3f}",
            f"{len(each.won)} / {len(each.lost)}",
        )
        for each in found.differences
        if each.won or each.lost
    ]
    parts = [element("h2", f"{run.name or 'This run'} compared with {earlier.name or 'the other'}")]
    left_out = f"; {found.n_left_out} not in both left out" if found.n_left_out else ""
    parts.append(element("p", f"{counted(found.n_questions, 'question')}{left_out}. {_changes(found)}", class_="origin"))
    if rows:
        heads = ("Measure", "Before", "Now", "Difference", "95 % interval", "p", "Won / lost")
        parts += [_table("Measures that differ", heads, rows), *_won_and_lost(found, earlier, run)]
    else:
        parts.append(element("p", "No question came out differently."))
    return element("section", *parts, class_="run", aria_label="Comparison")


def _changes(found: Comparison) -> str:
    names = ", ".join(found.changed)
    return f"What made them differs in: {names}." if names else "The same made both."


def _won_and_lost(found: Comparison, earlier: Run, run: Run) -> list[Html]:
    """The questions whose first quote is right in one of them only."""
    before, after = ({outcome.question.id: outcome for outcome in each.outcomes} for each in (earlier, run))
    try:
        difference = found.of("quote@1")
    except KeyError:
        return []
    lists = []
    for says, ids in (("Answered now, and not before", difference.won), ("Answered before, and not now", difference.lost)):
        if ids:
            items = (
                element("li", before[each].question.question, " — ", cause(before[each]), " → ", cause(after[each]))
                for each in ids[:_MOST_SHOWN]
            )
            lists.append(
                element("details", element("summary", f"{says}: {len(ids)}"), element("ul", *items), class_="failures")
            )
    return lists
