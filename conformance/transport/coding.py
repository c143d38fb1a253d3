"""Content codings, unpacked with a limit in mind."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from conformance.errors import TransportError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def unzipped(pieces: Iterable[bytes], piece: int, what: str = "the answer") -> Iterator[bytes]:
    """Unpack in pieces of at most ``piece`` bytes, so that a few kilobytes cannot become gigabytes uncounted.

    Raises TransportError when it is no gzip, or only the beginning of one.
    """
    machine = zlib.decompressobj(wbits=31)
    begun = False
    try:
        for packed in pieces:
            rest = packed
            while rest and not machine.eof:
                begun = True
                yield machine.decompress(rest, piece)
                rest = machine.unconsumed_tail
    except zlib.error as broken:
        raise TransportError(f"{what} says Content-Encoding gzip and is not: {broken}", blame="system") from broken
    if begun and not machine.eof:
        raise TransportError(f"the gzip of {what} ends before it is complete", blame="system")
