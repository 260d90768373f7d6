#!/usr/bin/env python3
"""Draws results.json as results.svg: rates of each way per topology, and a line at what was predicted. Called by record.py; by itself: chart.py [results.json]"""

import json
import sys
from pathlib import Path

WIDTH, LEFT, RIGHT, TOP, BAR, GAP, BOTTOM = 860, 150, 40, 92, 11, 16, 44
KINDS = {"trees": "packed trees", "rings": "NCCL's rings", "halving-doubling": "halving-doubling", "openmpi": "Open MPI's default"}
STYLE = """<style>
  .bg { fill: #ffffff } .t { fill: #1f2937 } .m { fill: #6b7280 } .g { stroke: #e5e7eb } .p { stroke: #1f2937; stroke-width: 2 }
  .trees { fill: #2563eb } .rings { fill: #d97706 } .halving-doubling { fill: #10b981 } .openmpi { fill: #9ca3af }
  @media (prefers-color-scheme: dark) {
    .bg { fill: #111827 } .t { fill: #e5e7eb } .m { fill: #9ca3af } .g { stroke: #374151 } .p { stroke: #f9fafb }
    .trees { fill: #60a5fa } .rings { fill: #f59e0b } .halving-doubling { fill: #34d399 } .openmpi { fill: #6b7280 }
  }
</style>"""


def rate(row, seconds):
    """In bandwidths of the slowest direct link."""
    return row["bytes"] / seconds / row["link_bytes_s"]


def draw(record):
    rows = record["cases"]
    group = len(KINDS) * (BAR + 2) + GAP
    height = TOP + len(rows) * group + BOTTOM
    most = max(rate(row, seconds) for row in rows for seconds in [*row["seconds"].values(), *row["least_seconds"].values()])
    limit = int(most) + 1
    scale = (WIDTH - LEFT - RIGHT) / limit
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="Helvetica, Arial, sans-serif" font-size="12" role="img">',
        STYLE,
        "<title>Allreduce on real traffic: rates of packed trees, rings, halving-doubling and Open MPI beside what was predicted</title>",
        f'<rect class="bg" width="{WIDTH}" height="{height}"/>',
        '<text class="t" x="24" y="30" font-size="16" font-weight="bold">Allreduce over shaped links, in bandwidths of a single link (B)</text>',
    ]
    for index, (kind, name) in enumerate(KINDS.items()):
        x = 24 + index * 150
        parts.append(f'<rect class="{kind}" x="{x}" y="46" width="12" height="12"/><text class="t" x="{x + 18}" y="56">{name}</text>')
    x = 24 + len(KINDS) * 150
    parts.append(f'<path class="p" d="M{x + 6} 44V60"/><text class="t" x="{x + 18}" y="56">predicted: tau, rings</text>')
    base = height - BOTTOM + 4
    for value in range(limit + 1):
        x = LEFT + value * scale
        parts.append(f'<path class="g" d="M{x:.1f} {TOP - 14}V{base}"/><text class="m" x="{x:.1f}" y="{base + 18}" text-anchor="middle">{value} B</text>')
    for index, row in enumerate(rows):
        y = TOP + index * group
        parts.append(f'<text class="t" x="{LEFT - 10}" y="{y + 20}" text-anchor="end">{label(row)}</text>')
        parts.append(f'<text class="m" x="{LEFT - 10}" y="{y + 36}" text-anchor="end">{row["ranks"]} ranks, {rings(row["rings"])}</text>')
        for place, kind in enumerate(KINDS):
            top, value = y + place * (BAR + 2), rate(row, row["seconds"][kind])
            parts.append(f'<rect class="{kind}" x="{LEFT}" y="{top}" width="{value * scale:.1f}" height="{BAR}"><title>{KINDS[kind]}: {value:.2f} B</title></rect>')
            ends = [value]
            if kind in row["least_seconds"]:
                predicted = rate(row, row["least_seconds"][kind])
                ends.append(predicted)
                parts.append(f'<path class="p" d="M{LEFT + predicted * scale:.1f} {top - 1}V{top + BAR + 1}"><title>predicted: {predicted:.2f} B</title></path>')
            parts.append(f'<text class="t" x="{LEFT + max(ends) * scale + 6:.1f}" y="{top + BAR - 1}" font-size="11">{value:.2f}</text>')
    return "\n".join(parts + ["</svg>", ""])


def label(row):
    name = row["topology"]
    if name == "dgx1v":
        return "all 8 GPUs"
    return "GPUs " + name[name.index("[") + 1 : -1].replace(",", " ") if "[" in name else "cluster, slow link" if row["name"] == "cluster" else name


def rings(count):
    return "no ring" if count == 0 else f"{count} ring{'s' if count > 1 else ''}"


def main():
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent / "results.json"
    source.with_suffix(".svg").write_text(draw(json.loads(source.read_text())))


if __name__ == "__main__":
    main()
