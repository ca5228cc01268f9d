"""What was measured as HTML: what can be chosen, a run's figures and failures, two runs compared, and drafts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from qa.evaluation import Comparison, Figures, Outcome, Run, cause
from qa.evaluation.failure_reasons import FAILURES, group_failures
from qa.evaluation.metrics.measures import CONFIDENCE, PASSAGES, QUOTES
from qa.evaluation.metrics.metric_docs import MEANINGS, summary_sentences
from qa.evaluation.metrics.outcomes import article_of
from qa.evaluation.report_tables import short_source
from qa.types.articles import Draft
from ui.html.environment import render
from ui.i18n.language import format_number, from_english
from ui.i18n.language import gettext as _
from ui.state.question_sets import UPLOADED

_MOST_SHOWN = 100  # failures of one cause, since the page is sent whole


@dataclass(frozen=True, slots=True)
class _GoldPlace:
    """A passage that holds an answer: its article, where it starts and ends, and the name of the article's source."""

    article_id: str
    start: str
    end: str
    source: str | None


@dataclass(frozen=True, slots=True)
class _Failure:
    """A question that went wrong, and where its answer stands if that is known."""

    outcome: Outcome
    place: _GoldPlace | None


@dataclass(frozen=True, slots=True)
class _Change:
    """A question that came out differently, and the cause before and after: "right" if nothing went wrong."""

    question: str
    before: str
    after: str


def choosing_html(sets: Mapping[str, str], runs: Sequence[str]) -> Markup:
    """Return the forms that choose what to measure and which run to look at.

    Args:
        sets: names of sets of test questions, by what the form sends for each.
        runs: names of runs, the oldest first.
    """
    return render("measure.html", "choosing", sets, runs, UPLOADED)


def working_html(done: int, total: int) -> Markup:
    """Return how many questions of a run have been asked."""
    return render("measure.html", "working", done, total)


def run_html(run: Run) -> Markup:
    """Return a run: in a sentence, in figures, in plots, and what went wrong."""
    from qa.evaluation.plots import plots

    groups = [
        (FAILURES[why], [_Failure(outcome, _gold_place(outcome, run)) for outcome in outcomes[:_MOST_SHOWN]], len(outcomes))
        for why, outcomes in group_failures(run.outcomes).items()
    ]
    tables = (_figures(run.figures), _retrieval(run.figures))
    return render("measure.html", "run", run, summary_sentences(run.figures), tables, plots(run, "run"), groups)


def _figures(figures: Figures) -> list[tuple[str, ...]]:
    rows = [
        (name, f"{figures.values[name]:.3f}", format_number(figures.of[name]), from_english(MEANINGS[name]))
        for name in (*QUOTES, *CONFIDENCE)
        if name in figures.values
    ]
    n_questions = format_number(figures.n_questions)
    times = (("p50", figures.median_seconds), ("p95", figures.p95_seconds))
    return [*rows, *((name, f"{seconds * 1000:.0f} ms", n_questions, from_english(MEANINGS[name])) for name, seconds in times)]


def _retrieval(figures: Figures) -> list[tuple[str, ...]]:
    names = [name for name in PASSAGES if name in figures.passages or name in figures.articles]
    return [(name, _share(figures.passages.get(name)), _share(figures.articles.get(name))) for name in names]


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _gold_place(outcome: Outcome, run: Run) -> _GoldPlace | None:
    place = next(iter(outcome.gold_passages), None)
    if place is None:
        return None
    article_id = article_of(place)
    start, end = place.rsplit(":", 2)[1:]
    source = run.sources.get(article_id)
    return _GoldPlace(article_id, start, end, None if source is None else short_source(source))


def comparison_html(comparison: Comparison, earlier: Run, run: Run) -> Markup:
    """Return what is better and what worse than in an earlier run, and whether that may be chance."""
    rows = [
        (
            difference.measure,
            f"{difference.a:.3f}",
            f"{difference.b:.3f}",
            f"{difference.difference:+.3f}",
            _("{low} to {high}", low=f"{difference.low:+.3f}", high=f"{difference.high:+.3f}"),
            f"{difference.p:.3f}",
            f"{len(difference.won)} / {len(difference.lost)}",
        )
        for difference in comparison.differences
        if difference.won or difference.lost
    ]
    changes = _changes(comparison, earlier, run)
    return render("measure.html", "comparison", comparison, rows, changes, run.name, earlier.name)


def _changes(comparison: Comparison, earlier: Run, run: Run) -> dict[str, list[_Change]]:
    """Return the questions whose first quote is right in one run only: `won` now, `lost` since."""
    before, after = ({outcome.question.id: outcome for outcome in each.outcomes} for each in (earlier, run))
    try:
        difference = comparison.of("quote@1")
    except KeyError:
        return {"won": [], "lost": []}
    return {
        name: [_Change(before[id_].question.question, cause(before[id_]), cause(after[id_])) for id_ in ids]
        for name, ids in (("won", difference.won), ("lost", difference.lost))
    }


def drafts_html(drafts: Sequence[Draft], error: str | None = None) -> Markup:
    """Return each draft of a test question with what it still lacks.

    Args:
        error: the error message if the user's last action failed.
    """
    return render("measure.html", "drafts", drafts, error)
