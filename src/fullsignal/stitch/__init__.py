"""Visitor and order: what the browser knew, joined to what the shop's server knows.

visitor.py what is remembered, how it grows, what of it an event gets · ladder.py by what a visitor is found ·
stitching.py one request · memory.py what is seen before it is on the disk.
"""

from fullsignal.stitch.ladder import NONE, WORDS
from fullsignal.stitch.memory import Changes, Memory, opened
from fullsignal.stitch.stitching import Stitching, unfound
from fullsignal.stitch.visitor import Visitor

__all__ = ["NONE", "WORDS", "Changes", "Memory", "Stitching", "Visitor", "opened", "unfound"]
