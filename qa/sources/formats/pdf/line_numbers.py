"""The numbers that a transcript, a bill or a patent prints beside its lines."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from qa.sources.formats.pdf.words import Word

# Distances, as multiples of the font size
_SAME_LEVEL = 0.5  # between the baselines of a number and of its line
_GAP = 0.5  # between a number and the text beside it
_SAME_EDGE = 0.4  # between the edges of numbers that stand above each other

_STEPS = (1, 2, 5, 10)  # between two numbers that follow each other
_LEAST_NUMBERS = {1: 8, 2: 6}  # of a page, by their step
_LEAST_SPARSE = 3  # numbers of a page that counts by five or ten
_LEAST_EVEN = 0.9  # of the numbers, that follow at the same step and distance
_LEAST_RUNNING = 0.2  # of the lines beside them, that begin with a small letter: those of a list begin with capitals
_LONGEST = 4  # digits


def find_line_numbers(words: Sequence[Word]) -> list[Word]:
    """Return the numbers that count the lines of a page, from top to bottom. There are few of them or none."""
    levels = _levels(words)
    isolated = [(word, level) for level in levels for word in _isolated_numbers(level)]
    if len(isolated) < _LEAST_SPARSE:
        return []
    numbers: list[Word] = []
    for edge in ("end", "x"):
        for column in _columns([pair for pair in isolated if pair[0] not in numbers], edge):
            step = _step([word for word, _ in column])
            if step and len(column) >= _LEAST_NUMBERS.get(step, _LEAST_SPARSE) and _stand_beside_prose(column):
                numbers += [word for word, _ in column]
    return sorted(numbers, key=lambda word: (word.x > numbers[0].end, -word.y))


def _levels(words: Sequence[Word]) -> list[list[Word]]:
    levels: list[list[Word]] = []
    for word in sorted(words, key=lambda word: -word.y):
        if levels and levels[-1][0].y - word.y < _SAME_LEVEL * min(word.size, levels[-1][0].size):
            levels[-1].append(word)
        else:
            levels.append([word])
    for level in levels:
        level.sort(key=lambda word: word.x)
    return levels


def _isolated_numbers(level: Sequence[Word]) -> Iterator[Word]:
    """Yield the numbers of a line that stand apart from the words on both sides."""
    for place, word in enumerate(level):
        if not (word.text.isascii() and word.text.isdecimal() and len(word.text) <= _LONGEST):
            continue
        before = place == 0 or word.x - level[place - 1].end >= _GAP * word.size
        after = place == len(level) - 1 or level[place + 1].x - word.end >= _GAP * word.size
        if before and after:
            yield word


def _columns(isolated: Sequence[tuple[Word, list[Word]]], edge: str) -> list[list[tuple[Word, list[Word]]]]:
    """Group numbers that have one edge in common, from top to bottom."""
    columns: list[list[tuple[Word, list[Word]]]] = []
    for word, level in sorted(isolated, key=lambda pair: getattr(pair[0], edge)):
        place = getattr(word, edge)
        if columns and place - getattr(columns[-1][0][0], edge) <= _SAME_EDGE * word.size:
            columns[-1].append((word, level))
        else:
            columns.append([(word, level)])
    return [sorted(column, key=lambda pair: -pair[0].y) for column in columns]


def _step(numbers: Sequence[Word]) -> int | None:
    """Return by how much numbers grow from one to the next, if they do so evenly, down the page."""
    pairs = [(int(lower.text) - int(upper.text), upper.y - lower.y) for upper, lower in pairwise(numbers)]
    if not pairs:
        return None
    step, distance = round(median(grown for grown, _ in pairs)), median(distance for _, distance in pairs)
    is_round = step in _STEPS and all(int(number.text) % step == 0 or step <= _STEPS[1] for number in numbers)
    n_even = sum(grown == step and abs(down - distance) <= _SAME_EDGE * distance for grown, down in pairs)
    return step if is_round and n_even >= _LEAST_EVEN * len(pairs) else None


def _stand_beside_prose(column: Sequence[tuple[Word, list[Word]]]) -> bool:
    """Tell whether the lines beside numbers run on like those of a text: some begin with a small letter."""
    beside = [[other for other in level if other is not word] for word, level in column]
    beginnings = [words[0].text for words in beside if len(words) > 1]
    return sum(text[0].islower() for text in beginnings) >= max(1, _LEAST_RUNNING * len(beginnings))
