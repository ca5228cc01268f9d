"""Every measure is what its source says, by visible arithmetic or beside the tool that defines it."""

import random
from math import log2

import ir_measures
import pytest
from support.asked import outcome, quote

from qa.evaluation import CAUSES, Outcome, cause, figures, scores
from qa.evaluation.metrics.measures import ARTICLES, LESS_IS_BETTER, MEANS, NAMES, PASSAGES, risk_coverage_curve
from qa.evaluation.metrics.outcomes import passage_key
from qa.evaluation.metrics.quoting import token_f1, word_overlap
from qa.evaluation.metrics.retrieval import question_scores
from qa.evaluation.metrics.speed import stages


def ranked(answers: tuple[str, ...] | None, passages: tuple[str, ...], gold: dict[str, int], **other: object) -> Outcome:
    articles = {key.split(":")[0]: grade for key, grade in gold.items()}
    return outcome("q", answers, passages=passages, gold_passages=gold, gold_articles=articles, **other)


def test_what_was_found_is_measured_as_trec_eval_does_it() -> None:
    draw = random.Random(0)
    items = [passage_key(f"{number:012x}", 0, 9) for number in range(300)]
    gold = {str(q): dict.fromkeys(draw.sample(items, draw.randint(1, 9)), draw.randint(1, 3)) for q in range(40)}
    gold["3"] |= dict.fromkeys(items[:4], 0)  # judged, and not wanted
    rankings = {str(q): draw.sample(items, draw.randint(0, 150)) for q in range(38)}  # two are missing
    run = [ir_measures.ScoredDoc(q, item, -float(rank)) for q, found in rankings.items() for rank, item in enumerate(found)]
    qrels = [ir_measures.Qrel(q, item, grade) for q, wanted in gold.items() for item, grade in wanted.items()]
    measures = [ir_measures.parse_measure(name) for name in PASSAGES]
    expected = ir_measures.calc_aggregate(measures, qrels, run)
    found = figures([ranked(None, tuple(rankings.get(q, ())), wanted) for q, wanted in gold.items()])
    assert found.passages == pytest.approx({str(name): value for name, value in expected.items()}, abs=5e-5)
    assert found.articles == pytest.approx(found.passages)  # each passage is of an article of its own
    assert found.of["R@5"] == found.of["article R@5"] == 40


def test_trec_eval_itself_gives_the_same_numbers_question_by_question() -> None:
    pytrec_eval = pytest.importorskip("pytrec_eval")
    draw = random.Random(1)
    items = [f"d{number}" for number in range(50)]
    gold = {str(q): {item: draw.randint(0, 2) for item in draw.sample(items, 12)} | {"d0": 1} for q in range(20)}
    rankings = {q: draw.sample(items, 30) for q in gold}
    names = {"ndcg_cut.10": "nDCG@10", "recall.5,10,100": "R@5", "success.1": "Success@1", "map_cut.100": "AP@100"}
    by_trec_eval = pytrec_eval.RelevanceEvaluator(gold, set(names)).evaluate(
        {q: {item: -float(rank) for rank, item in enumerate(found)} for q, found in rankings.items()}
    )
    ours = question_scores(rankings, gold)
    for q, values in by_trec_eval.items():
        for theirs, name in (
            ("ndcg_cut_10", "nDCG@10"),
            ("recall_5", "R@5"),
            ("recall_10", "R@10"),
            ("recall_100", "R@100"),
            ("success_1", "Success@1"),
            ("map_cut_100", "AP@100"),
        ):
            assert ours[name][q] == pytest.approx(values[theirs], abs=5e-5), (q, name)


def test_ranks_are_worth_what_the_formulas_say() -> None:
    # a, of grade 2, stands third and b, of grade 1, is not found
    found = figures([ranked(None, ("x:0:1", "y:0:1", "a:0:1"), {"a:0:1": 2, "b:0:1": 1})]).passages
    assert found["R@5"] == 1 / 2
    assert found["R@1"] == found["Success@1"] == 0
    assert found["Success@5"] == 1
    assert found["RR@10"] == pytest.approx(1 / 3)
    assert found["AP@100"] == pytest.approx((1 / 3 + 0) / 2)
    assert found["nDCG@10"] == pytest.approx((2 / log2(4)) / (2 / log2(2) + 1 / log2(3)))


def test_an_article_stands_at_the_place_of_its_best_passage() -> None:
    found = figures([ranked(None, ("x:0:1", "x:5:9", "a:0:1", "a:7:9"), {"a:7:9": 1})])
    assert found.passages["RR@10"] == 1 / 4
    assert found.articles["RR@10"] == 1 / 2
    assert found.ranking == found.passages
    assert figures([ranked(None, ("a:0:1",), {"a:0:1": 1})], "article").ranking["R@1"] == 1


def test_a_quote_counts_within_the_first_k_and_a_refusal_counts_nothing() -> None:
    late = outcome("late", ("noon",), quote("At nine."), quote("It sails at noon.", 2))
    found = figures([outcome("first", ("noon",), quote("At noon.")), late, outcome("refused"), outcome("none", ())])
    assert (found.quote_at_1, found.quote_at_3, found.quote_at_5) == (1 / 3, 2 / 3, 2 / 3)
    assert (found.n_questions, found.n_answerable, found.n_unanswerable) == (4, 3, 1)
    assert (found.right_refusals, found.wrong_refusals) == (1, 1)
    assert (found.values["rightly refused"], found.values["wrongly refused"]) == (1, pytest.approx(1 / 3))


def test_a_closest_sentence_is_a_refusal_and_counts_where_it_holds_the_answer() -> None:
    right = outcome("right", ("noon",), closest=quote("It sails at noon."))
    wrong = outcome("wrong", ("noon",), closest=quote("It sails at nine."))
    found = figures([right, wrong, outcome("refused"), outcome("none", (), closest=quote("At noon."))])
    assert (found.right_refusals, found.wrong_refusals, found.closest_right, found.quote_at_1) == (1, 3, 1, 0)
    assert found.n_quotes == 3


def test_questions_whose_answers_nobody_gave_are_no_part_of_what_quotes_and_refusals_are_worth() -> None:
    found = figures([outcome("known", ("noon",), quote("At noon.")), outcome("judged only", None, quote("At nine."))])
    assert (found.n_questions, found.n_answerable, found.n_unanswerable) == (2, 1, 0)
    assert (found.of["quote@1"], found.of["overlap"], found.of["ECE"], found.of["p50"]) == (1, 1, 1, 2)
    assert "rightly refused" not in found.values


def test_the_highlight_is_compared_as_squad_does_it() -> None:
    said = outcome("q", ("the noon ferry", "ferry"), quote("Take the noon ferry, Sir.", highlight="noon ferry, Sir"))
    measured = scores([said])
    assert measured["EM"][0] == 0
    assert measured["F1"][0] == pytest.approx(2 * 2 / (3 + 2))  # noon ferry Sir, and noon ferry
    assert scores([outcome("q", ("The Ferry!",), quote("Take the ferry.", highlight="ferry"))])["EM"][0] == 1
    assert scores([outcome("q", ("noon",), quote("Noon."))])["EM"][0] == 1  # all of it, where nothing is highlighted
    assert token_f1("noon", ["noon", "at nine"]) == 1


def test_the_overlap_is_of_all_quotes_and_counts_what_cannot_be_answered() -> None:
    # six words quoted, of which one is the answer's two: 2 * 1 / (6 + 2)
    assert word_overlap(["It sails at noon.", "Every day."], ["noon sharp"]) == pytest.approx(2 / 8)
    assert word_overlap([], []) == 1
    assert word_overlap(["It sails."], []) == 0
    assert word_overlap([], ["noon"]) == 0
    assert figures([outcome("a", ()), outcome("b", (), quote("No."))]).values["overlap"] == 1 / 2
    # a mean over questions: 2 * 1 / (4 + 1) and 1, and not the words of both counted together, which would be 2 * 2 / (5 + 2)
    one, other = outcome("c", ("noon",), quote("It sails at noon.")), outcome("d", ("noon",), quote("Noon."))
    assert figures([one, other]).values["overlap"] == pytest.approx((2 / 5 + 1) / 2)


def test_the_confidence_is_measured_with_refused_questions_as_wrong() -> None:
    right, wrong = (quote(text, confidence=sure) for text, sure in (("At noon.", 0.9), ("At nine.", 0.6)))
    several = [outcome("a", ("noon",), right), outcome("b", ("noon",), wrong), outcome("c", ()), outcome("d", ("noon",))]
    found = figures(several)
    assert found.values["AUROC"] == pytest.approx((2 + 1 / 2) / 3)  # c is below a and b, and beside d
    assert [each.risk for each in risk_coverage_curve(several)] == [0, 1 / 2, 2 / 3, 3 / 4]
    assert found.values["AURC"] == pytest.approx((0 + 1 / 2 + 2 / 3 + 3 / 4) / 4)
    assert found.values["ECE"] == pytest.approx((0.1 + 0.6) / 2)  # of the two answered


def test_follow_ups_are_measured_apart() -> None:
    followed = outcome("b", ("noon",), quote("At nine."), history=("When?",))
    found = figures([outcome("a", ("noon",), quote("At noon.")), followed])
    assert found.follow_ups is not None
    assert (found.quote_at_1, found.follow_ups.quote_at_1, found.follow_ups.n_questions) == (1 / 2, 0, 1)
    assert figures([followed]).follow_ups is None  # there is nothing to set them apart from


def test_seconds_are_told_in_all_and_by_stage() -> None:
    asked = [outcome("q", seconds=n / 10, timings={"words": n / 100, "total": n / 10}) for n in range(1, 21)]
    found = figures([*asked, outcome("q", seconds=2.1)])
    assert (found.median_seconds, found.p95_seconds) == (1.1, 2.0)
    assert stages(asked) == {"words": (pytest.approx(0.105), 0.19)}
    assert figures([]).median_seconds == 0


@pytest.mark.parametrize(
    ("expected", "came"),
    [
        ("right", outcome("q", ("noon",), quote("At noon."), answer_read=True)),
        ("right", outcome("q", ())),
        ("right", outcome("q", None, passages=("a:0:1",), n_read=1, gold_articles={"a": 1})),
        ("wrongly answered", outcome("q", (), quote("At noon."))),
        ("article not found", outcome("q", answer_read=False, passages=("b:0:1", "a:0:1"), n_read=1, gold_articles={"a": 1})),
        ("article not found", outcome("q", None, passages=("b:0:1",), n_read=1, gold_articles={"a": 1})),
        ("passage not found", outcome("q", answer_read=False, passages=("a:0:1",), n_read=1, gold_articles={"a": 1})),
        ("passage not found", outcome("q", answer_read=False)),
        ("wrongly refused", outcome("q", answer_read=True)),
        ("wrong sentence", outcome("q", ("noon",), quote("At nine."), quote("At noon.", 2), answer_read=True)),
    ],
)
def test_the_cause_is_the_first_thing_that_went_wrong(expected: str, came: Outcome) -> None:
    assert cause(came) == expected
    assert expected in CAUSES


def test_every_measure_has_one_name_and_no_question_gives_no_figures() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert {*PASSAGES, *ARTICLES} < set(MEANS) < set(NAMES)
    assert set(NAMES) > LESS_IS_BETTER
    assert figures([]).values == {}


def test_a_part_of_the_questions_is_measured_like_all_of_them() -> None:
    several = [outcome(str(n), ("noon",), quote("At noon." if n % 3 else "At nine.")) for n in range(9)]
    assert figures(several).quote_at_1 == 6 / 9
    assert figures(several[:4]).quote_at_1 == 2 / 4
    assert scores(several)["quote@1"].tolist() == [0, 1, 1] * 3
