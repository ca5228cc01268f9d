"""Tests that the stages of a stopwatch do not overlap."""

from itertools import count

import pytest

from qa.types.stopwatch import Stopwatch


def test_a_stage_lasts_from_the_lap_before_to_its_own_and_the_total_from_the_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([10.0, 10.5, 12.5, 12.5, 16.5, 17.0])
    monkeypatch.setattr("time.perf_counter", lambda: next(moments))
    watch = Stopwatch()
    for stage in ("one", "two", "none", "one"):
        watch.lap(stage)
    assert watch.timings() == {"one": 0.5 + 4, "two": 2.0, "none": 0.0, "total": 7.0}


def test_stages_stand_in_the_order_of_their_first_laps_and_the_total_last(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = count()
    monkeypatch.setattr("time.perf_counter", lambda: float(next(ticks)))
    watch = Stopwatch()
    for stage in ("b", "a", "b"):
        watch.lap(stage)
    assert list(watch.timings()) == ["b", "a", "total"]


def test_whoever_wants_to_know_is_told_of_each_stage_when_it_ends() -> None:
    told: list[str] = []
    watch = Stopwatch(told.append)
    for stage in ("one", "two", "one"):
        watch.lap(stage)
    assert told == ["one", "two", "one"]
