#!/usr/bin/env python3
"""What namespaces and shaped links a topology becomes: called by netlab.sh.

Usage: network.py TOPOLOGY.json --rate MBIT_S [--unit GB_S] [--fallback GB_S|none] [--graph OUT.json]

Reads a topology file of HpcTrain in plain JSON. Prints for mesh.sh, one per line:
  node NAME rank|transit                      in the order of their numbers
  link FROM TO MBIT_S BACK_MBIT_S             by numbers; 0 where nothing is sent that way
  route NODE TARGET NEXT                      at NODE, what is for the rank TARGET goes to NEXT
Exit code 2 with one sentence for a file or a number that cannot be used.
"""

import argparse
import json
import sys
from fractions import Fraction
from pathlib import Path

FALLBACK = "fallback"
PCIE_OF_NVLINK = Fraction(10, 25)
LEAST_MBIT_S = Fraction(1, 10)
LISTS = ("nics", "switches", "hosts", "nodes")


def fail(sentence):
    print(f"netlab: {sentence}", file=sys.stderr)
    sys.exit(2)


def positive(option, text):
    try:
        value = Fraction(text)
    except (ValueError, ZeroDivisionError):
        value = Fraction(0)
    if value <= 0:
        fail(f"{option} takes a number above 0, not '{text}'")
    return value


class Network:
    """The topology's nodes, ranks first, and links: {(from, to): GB/s}."""

    def __init__(self, path):
        try:
            file = json.loads(Path(path).read_text())
            ranks = file["ranks"]
            self.ranks = ranks if isinstance(ranks, int) else len(ranks)
            self.names = [f"rank{rank}" for rank in range(self.ranks)]
            numbers = {name_of(rank): number for number, rank in enumerate(ranks)} if isinstance(ranks, list) else {}
            for entry in (entry for kind in LISTS for entry in file.get(kind, [])):
                numbers[name_of(entry)] = len(self.names)
                self.names.append(f"transit{len(self.names)}")
            self.links = {}
            for link in file["links"]:
                ends = [end if isinstance(end, int) else numbers.get(end, int(end[4:]) if end.startswith("rank") else -1) for end in (link["from"], link["to"])]
                self.links[tuple(ends)] = Fraction(str(link["bandwidth"]))
                if link.get("both"):
                    self.links[tuple(reversed(ends))] = Fraction(str(link["bandwidth"]))
        except (OSError, KeyError, ValueError, TypeError, AttributeError) as error:
            fail(f"cannot read {path} as a topology in JSON: {error!r}; 'hpctrain topo convert' writes such files from all others")
        self.name = file.get("name", Path(path).stem)

    def next_hops(self, target):
        """For each node that reaches the target, the next on its shortest way there: past no other rank; of equal ones, by the widest first link."""
        hops, reached = {}, [target]
        while reached:
            found = {}
            for (sender, receiver), width in self.links.items():
                if receiver in reached and sender != target and sender not in hops and (receiver == target or receiver >= self.ranks):
                    best = found.get(sender)
                    if best is None or (width, -receiver) > (self.links[sender, best], -best):
                        found[sender] = receiver
            hops.update(found)
            reached = list(found)
        return hops

    def unreached(self):
        """Pairs of ranks with no way from the first to the second but past other ranks."""
        ways = [self.next_hops(target) for target in range(self.ranks)]
        return [(sender, target) for target in range(self.ranks) for sender in range(self.ranks) if sender != target and sender not in ways[target]]

    def add_fallback(self, width):
        switch = len(self.names)
        self.names.append(FALLBACK)
        for rank in range(self.ranks):
            self.links[rank, switch] = self.links[switch, rank] = width

    def graph(self):
        """As a topology file: what the links of the laboratory are, for planners and the simulator."""
        ends = lambda node: node if node < self.ranks else self.names[node]
        # The way by the switch is the host's: planners leave it alone where the links between ranks join them all.
        host = lambda *pair: {"name": "PCIe"} if FALLBACK in (self.names[node] for node in pair) else {}
        links = [{"from": ends(a), "to": ends(b), "bandwidth": str(width), **host(a, b)} for (a, b), width in sorted(self.links.items())]
        return {"name": f"{self.name} with fallback", "ranks": self.ranks, "switches": self.names[self.ranks :], "links": links}


def name_of(entry):
    return entry if isinstance(entry, str) else entry["name"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("topology")
    parser.add_argument("--rate", required=True)
    parser.add_argument("--unit")
    parser.add_argument("--fallback")
    parser.add_argument("--graph", type=Path)
    options = parser.parse_args()

    network = Network(options.topology)
    if not network.links:
        fail(f"topology '{network.name}' has no links")
    unit = positive("--unit", options.unit) if options.unit else min(network.links.values())
    scale = positive("--rate", options.rate) / unit
    pairs = network.unreached()
    if pairs and options.fallback == "none":
        fail(f"rank {pairs[0][0]} has no link to rank {pairs[0][1]} in topology '{network.name}'; leave --fallback to its default to have one")
    if pairs:
        network.add_fallback(positive("--fallback", options.fallback) if options.fallback else unit * PCIE_OF_NVLINK)
    if min(network.links.values()) * scale < LEAST_MBIT_S:
        fail(f"a link would have less than {float(LEAST_MBIT_S):g} Mbit/s; raise --rate or --unit")
    if options.graph:
        options.graph.write_text(json.dumps(network.graph(), indent=2) + "\n")

    for node, name in enumerate(network.names):
        print(f"node {name} {'rank' if node < network.ranks else 'transit'}")
    for a, b in sorted({tuple(sorted(ends)) for ends in network.links}):
        there, back = (float(network.links.get(ends, 0) * scale) for ends in ((a, b), (b, a)))
        print(f"link {a} {b} {there:.3f} {back:.3f}")
    for target in range(network.ranks):
        for node, hop in sorted(network.next_hops(target).items()):
            print(f"route {node} {target} {hop}")


main()
