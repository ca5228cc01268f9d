"""Gzip is unpacked in small pieces, so that a few bytes that unpack to gigabytes can be left at a limit."""

import zlib
from collections.abc import Iterable, Iterator

MAGIC = b"\x1f\x8b"
_PIECE = 65_536  # bytes that are unpacked at once


def unpacked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces of what was packed with gzip, in one member or more; what follows the last member is passed over.

    Raises:
        zlib.error: it is damaged.
        EOFError: it is cut short.
    """
    member = zlib.decompressobj(zlib.MAX_WBITS | 16)
    begun = False
    for chunk in chunks:
        rest = chunk
        while rest:
            if member.eof:
                if not rest.startswith(MAGIC[:1]):
                    return
                member = zlib.decompressobj(zlib.MAX_WBITS | 16)
            begun = True
            yield member.decompress(rest, _PIECE)
            rest = member.unused_data if member.eof else member.unconsumed_tail
    if begun and not member.eof:
        yield member.flush()
        if not member.eof:
            raise EOFError("it is cut short")
