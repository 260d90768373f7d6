"""Sums up the runs of run.sh: tables of ratios, in markdown.

summarise.py FOLDER-OF-JSON FOLDER-OF-TABLES

Reads every JSON file of the first folder and writes collectives-N-ranks.md for each number of ranks, and collectives.md with
what they say together. A ratio is the peer's time divided by ours, above 1 where ours is faster. Ours is what `auto` chose.

- The MPI library by itself: both sides were measured in the same run, in turns.
- Its best forced algorithm at each size: the one with the smallest time; the ratio is that of its own run.
- The other MPI library, and Gloo: their best time for the row, whatever the algorithm, divided by ours of the default run.
"""

import json
import math
import sys
from collections import defaultdict
from pathlib import Path

ORDER = ["allreduce", "reduce-scatter", "allgather", "reduce", "broadcast", "gather", "scatter", "all-to-all", "barrier"]


def load(folder):
    """The runs of hpctrain bench by library name and ranks, and Gloo's rows by ranks."""
    ours, gloo = defaultdict(list), {}
    for path in sorted(folder.glob("*.json")):
        record = json.loads(path.read_text())
        if record.get("program") == "gloo-peer":
            gloo[record["ranks"]] = record
        elif "environment" in record:
            environment = record["environment"]
            ours[environment["mpi"], environment["ranks"]].append(record)
        else:
            sys.exit(f"summarise.py: {path} is neither a record of hpctrain bench nor one of gloo-peer")
    if not ours:
        sys.exit(f"summarise.py: there is no record of hpctrain bench in {folder}; bench/collectives/run.sh makes them")
    return ours, gloo


def key(row):
    collective = "all-to-all" if row["collective"] == "alltoall" else row["collective"]
    return collective, row["in_place"], row["bytes"]


def is_default(record):
    return not any("_algorithm" in name.lower() for name in record["environment"]["mpi_settings"])


def is_right(row):
    return not row["wrong"] and not row.get("peer_wrong")


def auto_rows(record):
    return {key(row): row for row in record["rows"] if row["requested_algorithm"] == "auto" and row["peer"] and is_right(row)}


def default_record(records):
    found = [record for record in records if is_default(record)]
    return found[-1] if found else None


def best_forced(records):
    """For each key the row, ours and peer's of one run, whose peer was the quickest of all forced ones."""
    best = {}
    for record in records:
        if is_default(record):
            continue
        for name, row in auto_rows(record).items():
            if row["peer_algorithm"] != "default" and (name not in best or row["peer_time_us"] < best[name]["peer_time_us"]):
                best[name] = row
    return best


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None


def number(value):
    if value is None:
        return "-"
    return f"{value:.0f}" if value >= 1000 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def size_name(count):
    if count == 0:
        return "-"
    for power, suffix in ((40, "Ti"), (30, "Gi"), (20, "Mi"), (10, "Ki")):
        if count % (1 << power) == 0:
            return f"{count >> power} {suffix}B"
    return f"{count} B"


def compare(library, ranks, ours, gloo):
    """The rows of one library and number of ranks, each with its ratios."""
    record = default_record(ours[library, ranks])
    if record is None:
        return None, []
    forced = best_forced(ours[library, ranks])
    others = defaultdict(list)
    for (other, other_ranks), records in ours.items():
        if other == library or other_ranks != ranks:
            continue
        for each in records:
            for name, row in auto_rows(each).items():
                others[name].append((row["peer_time_us"], row["peer"], row["peer_algorithm"]))
    for row in gloo.get(ranks, {"rows": []})["rows"]:
        if not row["wrong"]:
            others[key(row)].append((row["time_us"], gloo[ranks]["library"], row["algorithm"].removeprefix("gloo-")))
    rows = []
    for name, row in auto_rows(record).items():
        best = forced.get(name)
        entry = {"key": name, "ours": row, "default": row["ratio"],
                 "forced": best and {"ratio": best["ratio"], "time_us": best["peer_time_us"], "algorithm": best["peer_algorithm"]},
                 "others": {}}
        for other in sorted({other for _, other, _ in others[name]}):
            time, _, algorithm = min(each for each in others[name] if each[1] == other)
            entry["others"][other] = {"ratio": time / row["time_us"], "time_us": time, "algorithm": algorithm}
        rows.append(entry)
    return record, rows


def ratio_columns(rows):
    """Each kind of ratio that the rows have, with the values."""
    columns = {"default": [row["default"] for row in rows]}
    forced = [row["forced"]["ratio"] for row in rows if row["forced"]]
    if forced:
        columns["best forced"] = forced
    for other in sorted({other for row in rows for other in row["others"]}):
        columns[other] = [row["others"][other]["ratio"] for row in rows if other in row["others"]]
    return columns


def describe(record):
    facts = record["environment"]
    crowd = "; ranks outnumber cores" if facts["ranks_outnumber_cores"] else ""
    return [
        f"- Machine: {facts['cores']} x {facts['cpu']}, {facts['os']}{crowd}",
        f"- Ours: {facts['program']}, .NET {facts['dotnet']}, {facts['kernels']} kernels, buffers of the {facts['buffers']}"
        if facts["buffers"] == "communicator" else
        f"- Ours: {facts['program']}, .NET {facts['dotnet']}, {facts['kernels']} kernels, ordinary memory",
        f"- Peer: {facts['mpi']}, {facts['mpi_calls']}; ordinary memory",
        f"- Recorded {facts['date']}: `{facts['command_line']}`",
    ]


def table(rows, others):
    heads = ["bytes", "in place", "ours us", "algorithm", "path", "default us", "ratio", "best forced us", "algorithm", "ratio"]
    heads += [head for other in others for head in (f"{other} us", "ratio")]
    lines = ["| " + " | ".join(heads) + " |", "|" + "---:|---|---:|---|---|---:|---:|---:|---|---:|" + "---:|---:|" * len(others)]
    for row in rows:
        ours, forced = row["ours"], row["forced"]
        cells = [size_name(ours["bytes"]), "yes" if ours["in_place"] else "no", number(ours["time_us"]), ours["algorithm"], ours["path"],
                 number(ours["peer_time_us"]), number(row["default"]),
                 number(forced and forced["time_us"]), forced["algorithm"] if forced else "-", number(forced and forced["ratio"])]
        for other in others:
            entry = row["others"].get(other)
            cells += [f"{number(entry['time_us'])} ({entry['algorithm']})" if entry else "-", number(entry and entry["ratio"])]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def means(rows):
    """Lines of a table with the geometric mean and the least of each kind of ratio, for each collective and all."""
    columns = list(ratio_columns(rows))
    lines = ["| collective | rows | " + " | ".join(columns) + " |", "|---|---:|" + "---:|" * len(columns)]
    groups = [(name, [row for row in rows if row["key"][0] == name]) for name in ORDER]
    for name, group in [*groups, ("**all**", rows)]:
        if group:
            values = ratio_columns(group)
            cells = [f"{number(geometric_mean(values[column]))} (least {number(min(values[column]))})" if values.get(column) else "-"
                     for column in columns]
            lines.append(f"| {name} | {len(group)} | " + " | ".join(cells) + " |")
    return lines


def page(ranks, ours, gloo):
    lines = [f"# Collectives on {ranks} ranks", "",
             "Times in microseconds; a ratio is the peer's time divided by ours, above 1 where ours is faster. Written by",
             "`bench/collectives/run.sh`, whose --help says how; every row is in the JSON files beside this one.", ""]
    overview = []
    for library in sorted(library for library, count in ours if count == ranks):
        record, rows = compare(library, ranks, ours, gloo)
        if record is None:
            continue
        title = f"Under {library}"
        lines += [f"## {title}", "", *describe(record), ""]
        if ranks in gloo:
            lines[-1:] = [f"- Gloo: {gloo[ranks]['library']} over loopback, recorded {gloo[ranks]['date']}", ""]
        lines += ["Geometric means of the ratios:", "", *means(rows), ""]
        overview.append((library, record, rows))
        for name in ORDER:
            group = sorted((row for row in rows if row["key"][0] == name), key=lambda row: (row["key"][1], row["key"][2]))
            if group:
                lines += [f"### {name}", "", *table(group, sorted({other for row in group for other in row["others"]})), ""]
    return "\n".join(lines), overview


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: summarise.py FOLDER-OF-JSON FOLDER-OF-TABLES")
    source, target = map(Path, sys.argv[1:])
    ours, gloo = load(source)
    target.mkdir(parents=True, exist_ok=True)
    lines = ["# Collectives beside Open MPI, MPICH and Gloo", "",
             "Geometric means of ratios (the peer's time divided by ours), with the least: beside each library as it decides by itself,",
             "beside its best forced algorithm at each size, and beside the other library and Gloo at their best.", ""]
    for ranks in sorted({count for _, count in ours}):
        text, overview = page(ranks, ours, gloo)
        (target / f"collectives-{ranks}-ranks.md").write_text(text)
        for library, record, rows in overview:
            lines += [f"## {ranks} ranks under {library}", "", f"[Every row](collectives-{ranks}-ranks.md)", "", *describe(record), "", *means(rows), ""]
    (target / "collectives.md").write_text("\n".join(lines))
    print(f"wrote {target}/collectives.md")


if __name__ == "__main__":
    main()
