"""From the outer network layer into tags and tunnels, for many frames at once; what is odd stays for `link.decode`.

Each round peels one layer off the rows that are still on their way: a row is done at an IP header that opens no tunnel
known here, and given up where anything is unusual (options, fragments, a cut, a header that is rare).
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from recordings.pipeline.capture import flowkey
from recordings.pipeline.capture.batch import Bytes, Int64s
from recordings.pipeline.capture.peels import DONE, GIVEN_UP, NAMES, PEELS, Bools, Inward

Wrapping = tuple[str, tuple[int, ...]]
_ROUNDS = 16  # layers; each tunnel takes two or three


@dataclass(slots=True, eq=False)
class View:
    """Where the network layer of some rows of a batch stands: it begins at `at`, its bytes end before `end`.

    `kind` is its EtherType, `path` the word of the flow key.
    """

    rows: Int64s
    at: Int64s
    end: Int64s
    kind: Int64s
    path: Int64s

    def select(self, chosen: Bools | Int64s) -> "View":
        return View(self.rows[chosen], self.at[chosen], self.end[chosen], self.kind[chosen], self.path[chosen])


def peel(data: Bytes, view: View) -> tuple[View, dict[int, Wrapping]]:
    """The innermost network layers of the rows that could be followed; what their path words mean."""
    way = Inward(
        data, view.at.copy(), view.end.copy(), view.kind.copy(), view.path.copy(), np.zeros(len(view.at), np.int64)
    )
    for _ in range(_ROUNDS):
        waiting = np.flatnonzero(way.state >= 0)
        if not len(waiting):
            break
        kinds = way.state[waiting]
        for kind in np.unique(kinds).tolist():
            rows = waiting[kinds == kind]
            peel_one = PEELS.get(kind)
            if peel_one is None:
                way.state[rows] = GIVEN_UP
            else:
                peel_one(way, rows)
    done = np.flatnonzero(way.state == DONE)
    result = View(view.rows[done], way.at[done], way.end[done], way.kind[done], np.zeros(len(done), np.int64))
    wrappings: dict[int, Wrapping] = {}
    if len(done):
        both, inverse = np.unique(np.stack((way.names[done], way.tags[done])), axis=1, return_inverse=True)
        found = [wrapping(int(names), int(tags)) for names, tags in both.T]
        words = [flowkey.path(*one) for one in found]
        result.path[:] = np.array(words, np.int64)[inverse.reshape(-1)]
        wrappings = {word: one for word, one in zip(words, found, strict=True) if word & flowkey.WRAPPED}
    return result, wrappings


@lru_cache(maxsize=4096)
def wrapping(names: int, tags: int) -> Wrapping:
    """Tunnels and tags from the outside in."""
    inside: list[str] = []
    while names:
        inside.insert(0, NAMES[names & 15])
        names >>= 4
    found: list[int] = []
    while tags:
        found.insert(0, (tags & 0x1FFF) - 1)
        tags >>= 13
    return "/".join(inside), tuple(found)
