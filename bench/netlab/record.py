#!/usr/bin/env python3
"""Measures plans, rings, halving-doubling and Open MPI's own allreduce on real traffic beside what was predicted, and records it.

Usage: bench/netlab/record.py [--cases NAMES] [--bytes SIZE] [--rate RATE] [--calls N] [--out FOLDER]

For each case, an allocation of a DGX-1V or a cluster in a file, netlab.sh makes the links and measures their rates; hpctrain plans trees and
NCCL's rings for them, simulates these and halving-doubling, and measures all, and Open MPI's default, over TCP. Needs root, ./setup.sh before, and a
machine that does nothing else: its cores carry all the links. Takes about 15 minutes. Writes results.json after each case, and results.md and
results.svg at the end.

  --cases NAMES  some of them, separated by commas: 0,1,2 is 012; a later run puts them in place of those recorded. Default: all
  --bytes SIZE   of the buffer, as hpctrain bench takes it (default 8M)
  --segment SIZE the longest message (default 32K)
  --rate RATE    of a single NVLink, and of the cluster's slow link (default 40mbit)
  --calls N      timed calls of each; the median counts (default 3)
  --simulate     measure nothing: simulate what is recorded anew
  --out FOLDER   where the record is, made if it is not there (default: beside this file)
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import chart

HERE = Path(__file__).resolve().parent
IN_FLIGHT = 4
# What it takes on a link to acknowledge a message of up to 64 KiB, which Open MPI sends whole: its headers (40 and 8 bytes) in a TCP segment of their own (66 with Ethernet's).
ACKNOWLEDGEMENT = 114
BOUND_S = 560
ALLOCATIONS = ["0,1,2", "0,1,4", "0,2,3", "0,3,4", "0-3", "0-4", "0-5", "0-6", "0-7"]
KINDS = {"trees": "trees", "rings": "ring", "halving-doubling": "halving-doubling", "openmpi": "Open MPI"}


def cases():
    """Name: (topology, allocation, its bandwidth that has the rate, in GB/s)."""
    named = {allocation.replace(",", ""): ("dgx1v", allocation, "25") for allocation in ALLOCATIONS}
    return named | {"cluster": (str(HERE / "cluster.json"), "0-3", "2.5")}


def run(command, what):
    try:
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=BOUND_S + 60)
    except subprocess.TimeoutExpired:
        sys.exit(f"record.py: {what} was not done within {BOUND_S + 60} s")
    if done.returncode != 0:
        sys.exit(f"record.py: {what} ended with exit code {done.returncode}: {(done.stderr or done.stdout).strip()[-600:]}")
    return done.stdout


class Case:
    def __init__(self, name, options, folder):
        self.name, self.options, self.folder = name, options, folder
        self.topology, self.allocation, self.unit = cases()[name]
        self.lab = folder / "lab.json"

    def netlab(self, *words):
        return [HERE / "netlab.sh", self.topology, "--allocation", self.allocation, "--rate", self.options.rate, "--unit", self.unit, "--timeout", BOUND_S, *words]

    def hpctrain(self, *words):
        return json.loads(run([self.options.hpctrain, *words, "--json", self.folder / "out.json"], f"hpctrain {words[0]} for {self.name}") and (self.folder / "out.json").read_text())

    def plan(self, kind):
        file = self.folder / f"{kind}.json"
        run([self.options.hpctrain, "topo", "plan", self.lab, "--planner", "exact" if kind == "trees" else kind, "--json", file], f"planning {kind} for {self.name}")
        return file, json.loads(file.read_text())

    def simulate(self, *what):
        """Seconds on links of the topology's own bandwidth."""
        rows = self.hpctrain("simulate", "--topology", self.lab, *what, "-b", self.options.bytes, "--segment", self.options.segment, "--in-flight", IN_FLIGHT,
            "--acknowledge", ACKNOWLEDGEMENT)["rows"]
        return rows[0]["time_us"] / 1e6

    def bench(self, schedule, algorithm, peer):
        out = self.folder / "bench.json"
        run(self.netlab("--", self.options.hpctrain, "bench", "allreduce", "-b", self.options.bytes, "-e", self.options.bytes, "-n", self.options.calls, "-w", 1,
            "--in-place", 1, "--segment", self.options.segment, "--in-flight", IN_FLIGHT, "--schedule", schedule, "--algorithm", algorithm,
            "--compare", peer, "--buffers", "ordinary", "--json", out), f"measuring {self.name}")
        record = json.loads(out.read_text())
        if wrong := [row for row in record["rows"] if row["wrong"]]:
            sys.exit(f"record.py: {wrong[0]['requested_algorithm']} gave {wrong[0]['wrong']} wrong elements for {self.name}")
        return record

    def simulated(self, trees, rings, slower):
        """What the simulator says of the laboratory's links, on which a second takes so much longer."""
        what = {"trees": ["--schedule", trees], "rings": ["--schedule", rings], "halving-doubling": ["--algorithm", "halving-doubling"]}
        return {kind: self.simulate(*words) * slower for kind, words in what.items()}

    def simulate_again(self, row):
        run(self.netlab("--graph", self.lab), f"the links of {self.name}")
        return row | {"simulated_seconds": self.simulated(self.plan("trees")[0], self.plan("rings")[0], float(self.unit) * 8000 / row["link_mbit_s"])}

    def measure(self):
        links = self.folder / "links"
        run(self.netlab("--graph", self.lab, "--links", links), f"measuring the links of {self.name}")
        asked = [line.split() for line in links.read_text().splitlines()]
        found = statistics.median(float(words[3]) / float(words[2]) for words in asked)
        mbit = float(self.options.rate.removesuffix("mbit")) * found
        # A second on the topology's links is so many on those of the laboratory, and 1 GB/s there so much here.
        slower = float(self.unit) * 8000 / mbit

        (trees, plan), (rings, ring) = self.plan("trees"), self.plan("rings")
        first, second = self.bench(trees, "halving-doubling", "vendor"), self.bench(rings, "none", "none")
        size = first["rows"][0]["bytes"]
        by_name = {row["requested_algorithm"]: row["time_us"] / 1e6 for row in first["rows"] + second["rows"]}
        measured = {
            "trees": by_name[f"schedule:{trees.name}"],
            "rings": by_name[f"schedule:{rings.name}"],
            "halving-doubling": by_name["halving-doubling"],
            "openmpi": first["rows"][0]["peer_time_us"] / 1e6,
        }
        rates = {"trees": plan["rate"], "rings": ring["rate"]}
        return {
            "name": self.name,
            "topology": plan["topology"].removesuffix(" with fallback"),
            "ranks": plan["ranks"],
            "bytes": size,
            "link_mbit_s": mbit,
            "link_bytes_s": mbit * 125_000,
            "unit_gb_s": float(self.unit),
            "trees": len(plan["trees"]),
            "optimum": plan["rate_exact"],
            "ring_rate": ring["rate_exact"],
            "rings": ring["ring"]["rings"],
            "date": first["environment"]["date"],
            "mpi": first["environment"]["mpi"],
            "cpu": first["environment"]["cpu"],
            "seconds": measured,
            "least_seconds": {kind: size / (rate * 1e9) * slower for kind, rate in rates.items()},
            "simulated_seconds": self.simulated(trees, rings, slower),
        }


def percent(value):
    return f"{100 * value:.0f} %"


def ratio(value):
    return f"{value:.2f}"


def table(columns, rows):
    head = "| " + " | ".join(columns) + " |\n|" + "|".join(["---"] + ["---:"] * (len(columns) - 1)) + "|\n"
    return head + "".join("| " + " | ".join(row) + " |\n" for row in rows)


def report(record):
    rows = record["cases"]
    reached, ratios, simulated = [], [], []
    for row in rows:
        seconds, least = row["seconds"], row["least_seconds"]
        unit = row["unit_gb_s"] * 1e9
        in_links = lambda s: f"{row['bytes'] / s / row['link_bytes_s']:.2f}"
        reached.append([
            row["topology"], str(row["rings"]), f"{row['link_mbit_s']:.1f}",
            *(f"{in_links(least[kind])} | {in_links(seconds[kind])} | {percent(least[kind] / seconds[kind])}" for kind in ("trees", "rings")),
            in_links(seconds["halving-doubling"]), in_links(seconds["openmpi"]),
        ])
        predicted, measured = least["rings"] / least["trees"], seconds["rings"] / seconds["trees"]
        ratios.append([
            row["topology"], ratio(predicted), ratio(measured), f"{100 * (measured / predicted - 1):+.0f} %", ratio(seconds["halving-doubling"] / seconds["trees"]),
            ratio(seconds["openmpi"] / seconds["trees"]),
        ])
        simulated.append([row["topology"], *(f"{row['simulated_seconds'][kind]:.3f} | {seconds[kind]:.3f} | {100 * (row['simulated_seconds'][kind] / seconds[kind] - 1):+.0f} %"
            for kind in ("trees", "rings", "halving-doubling"))])
    shares = [row["least_seconds"]["trees"] / row["seconds"]["trees"] for row in rows]
    off = [abs(row["seconds"]["rings"] / row["seconds"]["trees"] * row["least_seconds"]["trees"] / row["least_seconds"]["rings"] - 1) for row in rows]
    wrong = {kind: [abs(row["simulated_seconds"][kind] / row["seconds"][kind] - 1) for row in rows] for kind in ("trees", "rings", "halving-doubling")}
    return f"""# Plans on real traffic

Allreduce of {rows[0]['bytes']} bytes (f32) by {rows[0]['mpi']} over TCP on the links of bench/netlab: one node per rank, one shaped veth per link,
on {rows[0]['cpu']} with {record['cores']} cores, recorded {rows[0]['date'][:10]}. Written by `{record['command']}`; every number is in results.json. A rate is what of the buffer is done per
second (algbw), in units of the slowest direct link, as that was measured with all links busy (B, in Mbit/s of payload): tau of a plan, or what NCCL 2.4.2's rule says of
the rings that it finds (R of them; 0: one over the slow shared switch, of 0.4 B). Medians of {record['calls']} calls.

![Measured beside predicted rates](results.svg)

{table(['topology', 'R', 'B', 'trees: predicted', 'measured', 'share', 'ring: predicted', 'measured', 'share', 'halving-doubling', 'Open MPI'], reached)}
Trees reach {percent(min(shares))} to {percent(max(shares))} of tau x B.

## How much faster trees are

{table(['topology', 'than the ring: predicted', 'measured', 'off by', 'than halving-doubling', "than Open MPI's"], ratios)}
The ratio to the ring is off by at most {percent(max(off))}.

## The simulator

Seconds, simulated on links of the measured rate, without latency or any cost of a message, with the same segments ({record['segment']}) and window ({IN_FLIGHT}). As the executor's sends
are synchronous, messages are acknowledged ({ACKNOWLEDGEMENT} bytes), and acknowledgements wait behind data where ports are busy both ways, and windows behind acknowledgements. What is left
out is that queues of links end, and what TCP makes of that.

{table(['topology', 'trees: simulated', 'measured', 'off by', 'ring: simulated', 'measured', 'off by', 'halving-doubling: simulated', 'measured', 'off by'], simulated)}
Off by at most {', '.join(f'{percent(max(values))} ({KINDS[kind]})' for kind, values in wrong.items())}.
"""


def main():
    if {"--help", "-h"} & set(sys.argv[1:]):
        print(__doc__.strip())
        return
    parser = argparse.ArgumentParser(add_help=False, usage="record.py [options]; see --help")
    parser.add_argument("--cases", default="")
    parser.add_argument("--bytes", default="8M")
    parser.add_argument("--segment", default="32K")
    parser.add_argument("--rate", default="40mbit")
    parser.add_argument("--calls", type=int, default=3)
    parser.add_argument("--simulate", action="store_true")
    parser.add_argument("--out", type=Path, default=HERE)
    options = parser.parse_args()
    options.hpctrain = Path(os.environ.get("HPCTRAIN", HERE / "../../artifacts/bin/hpctrain")).resolve()
    if not options.hpctrain.exists():
        sys.exit(f"record.py: there is no {options.hpctrain}: run ./setup.sh, or name hpctrain in HPCTRAIN")
    if not options.rate.endswith("mbit"):
        sys.exit(f"record.py: --rate takes a rate in Mbit/s such as 40mbit, not '{options.rate}'")
    names = options.cases.split(",") if options.cases else list(cases())
    if unknown := [name for name in names if name not in cases()]:
        sys.exit(f"record.py: there is no case '{unknown[0]}'; there are {', '.join(cases())}")

    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        sys.exit(f"record.py: cannot make the folder {options.out}: {error.strerror}; name another with --out")
    file = options.out / "results.json"
    goes_on = options.simulate or options.cases
    record = json.loads(file.read_text()) if file.exists() and goes_on else {"cases": []}
    known = {one["name"]: one for one in record["cases"]}
    if options.simulate and (missing := [name for name in names if name not in known]):
        sys.exit(f"record.py: {file} has no case '{missing[0]}'; measure it first")
    if not goes_on or not known:
        record |= {"command": " ".join(["bench/netlab/record.py", *sys.argv[1:]]), "calls": options.calls, "segment": options.segment, "cores": os.cpu_count()}
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            case = Case(name, options, Path(folder))
            row = case.simulate_again(known[name]) if options.simulate else case.measure()
        known[name] = row
        record["cases"] = [known[one] for one in cases() if one in known]
        file.write_text(json.dumps(record, indent=1) + "\n")
        seconds = ", ".join(f"{KINDS[kind]} {value:.3f} s" for kind, value in row["seconds"].items())
        print(f"{row['topology']}: {seconds}; trees reach {percent(row['least_seconds']['trees'] / row['seconds']['trees'])} of tau", flush=True)
    (options.out / "results.md").write_text(report(record))
    (options.out / "results.svg").write_text(chart.draw(record))
    print(f"wrote {options.out / 'results.md'}, results.json and results.svg")


main()
