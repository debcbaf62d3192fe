"""What the drills measured, and whether the product said of each state what it is."""

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TextIO

from tests.lab.cluster.node import Node
from tests.lab.cluster.place import LabError
from tests.lab.cluster.status import cluster_status
from tests.lab.cluster.table import as_json, table

PATIENCE = 60.0  # seconds until the product's words must fit the state


@dataclass(slots=True)
class Report:
    out: TextIO = field(default_factory=lambda: sys.stdout)
    """What is said while it goes on; the table is the caller's."""
    rows: list[tuple[str, str, float]] = field(default_factory=list)
    counts: list[tuple[str, str, int]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    drill: str = ""

    def begin(self, name: str, what: str) -> None:
        self.drill = name
        self.say(f"== {name}: {what}")

    def row(self, what: str, seconds: float) -> None:
        self.rows.append((self.drill, what, seconds))
        self.say(f"   {what}: {seconds:.1f} s")

    def count(self, what: str, number: int) -> None:
        self.counts.append((self.drill, what, number))
        self.say(f"   {what}: {number}")

    def failed(self, why: str) -> None:
        self.faults.append(f"{self.drill}: {why.splitlines()[0]}")
        self.say(f"   FAILED: {why}")

    def told(
        self,
        node: Node,
        codes: set[str],
        *,
        also: Node | None = None,
        together: set[str] | None = None,
        good: bool = False,
        naming: Mapping[str, object] | None = None,
    ) -> None:
        """`cluster_status` on the node must have these findings, or be good; `together`, with the other's report.

        `naming`: the parameters that they must have.

        Pacemaker and the agents need some seconds to see what happened, so it is asked again until it fits.
        """
        self._until(node, codes, "", good=good, naming=naming or {})
        if also is not None:
            self._until(also, set(), "", good=good)
        if also is not None and together:
            self._until(node, together, cluster_status(also, "--report")[1], good=False)

    def _until(
        self, node: Node, codes: set[str], peer: str, *, good: bool, naming: Mapping[str, object] | None = None
    ) -> None:
        end = time.monotonic() + PATIENCE
        while True:
            code, text = cluster_status(node, "--json", *(["--peer", "-"] if peer else []), report=peer)
            try:
                said = json.loads(text)
            except ValueError:
                raise LabError(f"{node.name}: cluster_status ended with exit code {code}: {text[-500:]}") from None
            found = {
                one["code"]
                for one in said["findings"]
                if one["level"] != "ok"
                and (one["code"] not in codes or (naming or {}).items() <= one["parameters"].items())
            }
            fits = code == 0 and said["ready"] if good else codes <= found
            if fits or time.monotonic() > end:
                break
        self.say(f"   {node.name} says ({code}): {said['sentence']}")
        self.say(f"      {', '.join(sorted(found)) or 'nothing else'}")
        if not fits:
            self.failed(f"{node.name} does not say {', '.join(sorted(codes - found)) or 'that all is good'}")

    def say(self, words: str) -> None:
        print(words, file=self.out, flush=True)

    def table(self) -> str:
        return table(self.rows, self.counts, self.faults)

    def as_json(self) -> str:
        return as_json(self.rows, self.counts, self.faults)

    def exit_code(self) -> int:
        return 1 if self.faults else 0
