#!/usr/bin/env python3
"""Draws results.json as results.svg: images per second of both sides, a pair of bars per model and number of ranks.

Called by compare.py after a run; by itself it redraws the recorded results: chart.py [results.json [results.svg]]
"""

import json
import pathlib
import sys

WIDTH, HEIGHT, LEFT, TOP, BOTTOM, BAR, GAP = 760, 340, 64, 64, 64, 34, 30
STYLE = """<style>
  .bg { fill: #ffffff } .t { fill: #1f2937 } .m { fill: #6b7280 } .g { stroke: #e5e7eb } .ours { fill: #2563eb } .peer { fill: #9ca3af }
  @media (prefers-color-scheme: dark) {
    .bg { fill: #111827 } .t { fill: #e5e7eb } .m { fill: #9ca3af } .g { stroke: #374151 } .ours { fill: #60a5fa } .peer { fill: #6b7280 }
  }
</style>"""


def draw(record):
    rows = record["rows"]
    top = max(max(row["ours_images_per_second"], row["peer_images_per_second"]) for row in rows)
    step = 1000 if top > 2000 else 500
    limit = -(-top // step) * step
    scale = (HEIGHT - TOP - BOTTOM) / limit
    base = HEIGHT - BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="Helvetica, Arial, sans-serif" font-size="12">',
        STYLE, f'<rect class="bg" width="{WIDTH}" height="{HEIGHT}"/>',
        f'<text class="t" x="24" y="30" font-size="16" font-weight="bold">Fashion-MNIST, images per second on {record["machine"]["processors"]} cores</text>',
        f'<rect class="ours" x="{WIDTH - 250}" y="20" width="12" height="12"/><text class="t" x="{WIDTH - 232}" y="30">HpcTrain</text>',
        f'<rect class="peer" x="{WIDTH - 150}" y="20" width="12" height="12"/><text class="t" x="{WIDTH - 132}" y="30">PyTorch DDP (gloo)</text>',
    ]
    for value in range(0, int(limit) + 1, step):
        y = base - value * scale
        parts.append(f'<path class="g" d="M{LEFT} {y:.1f}H{WIDTH - 24}"/><text class="m" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value}</text>')
    for index, row in enumerate(rows):
        x = LEFT + 16 + index * (2 * BAR + 4 + GAP) + (24 if row["model"] != rows[0]["model"] else 0)
        middle = x + BAR + 2
        for side, offset in (("ours", 0), ("peer", BAR + 4)):
            value = row[f"{side}_images_per_second"]
            parts.append(f'<rect class="{side}" x="{x + offset}" y="{base - value * scale:.1f}" width="{BAR}" height="{value * scale:.1f}"/>')
            parts.append(f'<text class="t" x="{x + offset + BAR / 2}" y="{base - value * scale - 5:.1f}" font-size="11" text-anchor="middle">{value:.0f}</text>')
        ranks = f'{row["ranks"]} rank{"s" if row["ranks"] > 1 else ""}'
        parts.append(f'<text class="t" x="{middle}" y="{base + 18}" text-anchor="middle">{row["model"]}, {ranks}</text>')
        parts.append(f'<text class="m" x="{middle}" y="{base + 36}" text-anchor="middle">{row["ratio"]:.2f}x</text>')
    return "\n".join(parts + ["</svg>", ""])


def main():
    here = pathlib.Path(__file__).parent
    source = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here / "results.json"
    target = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else source.with_suffix(".svg")
    target.write_text(draw(json.loads(source.read_text())))


if __name__ == "__main__":
    main()
