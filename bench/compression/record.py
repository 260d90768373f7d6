#!/usr/bin/env python3
"""Trains Fashion-MNIST with each way to compress gradients, and records accuracy and bytes.

Runs the job of jobs/fashion-mnist.sh on ranks of this machine, the same seed and options but for --compress, one after the other: test accuracy
after the last epoch, and what a rank has sent for gradients (counted where it would travel; ranks of one node pass it through memory). Writes results.md.

  --epochs N      passes over the data (default 3)
  --ranks N       (default 2)
  --model NAME    cnn or mlp (default cnn)
  --forms F ...   what to compare with 'none' (default: all)
  --out FOLDER    where results.md is written (default: beside this file)
"""

import argparse
import json
import subprocess
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FORMS = ["none", "f16", "bf16", "int8", "top-k:0.01", "powersgd:4"]
LIMIT_S = 1800
POINTS = 0.5


def train(form, options, scratch):
    folder = Path(scratch) / form.replace(":", "-")
    command = [ROOT / "artifacts/bin/fashion-mnist", "--ranks", str(options.ranks), "--epochs", str(options.epochs), "--model", options.model, "--compress", form,
               "--shard-optimizer", "never", "--checkpoint-every", "0", "--data", options.data, "--run-dir", folder]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, cwd=ROOT)
    if done.returncode != 0:
        sys.exit(f"record.py: exit code {done.returncode} of {' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return json.loads((folder / "summary.json").read_text())


def main():
    parser = argparse.ArgumentParser(prog="bench/compression/record.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--model", choices=["cnn", "mlp"], default="cnn")
    parser.add_argument("--forms", nargs="+", default=FORMS[1:])
    parser.add_argument("--data", default=ROOT / "data/fashion-mnist", help="the imported shards (default data/fashion-mnist)")
    parser.add_argument("--out", type=Path, default=HERE)
    options = parser.parse_args()
    rows, plain, worst = [], None, 0.0
    with tempfile.TemporaryDirectory(prefix="hpctrain-compression-") as scratch:
        for form in ["none", *options.forms]:
            summary = train(form, options, scratch)
            plain = plain or summary
            if summary["compression"] != form:
                sys.exit(f"record.py: asked for {form}, the job compressed by {summary['compression']}")
            points = summary["test_accuracy"] - plain["test_accuracy"]
            worst = max(worst, -points)
            sent = summary["gradient_bytes_sent"] / summary["steps"]
            rows.append(f"| {form} | {summary['test_accuracy']:.2f} % | {points:+.2f} | {summary['test_loss']:.4f} | {sent / 1024:,.0f} | "
                        f"{plain['gradient_bytes_sent'] / summary['gradient_bytes_sent']:.1f} |")
            print(rows[-1], flush=True)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "results.md").write_text(f"""# What compressing gradients saves and costs

Fashion-MNIST, {options.model}, {plain['parameters']:,} parameters, {options.epochs} epochs on {options.ranks} ranks, global batch {plain['global_batch']}, the same seed. Recorded
{datetime.now(timezone.utc):%Y-%m-%d} by `bench/compression/record.py`. The most that accuracy lost is {max(worst, 0):.2f} points; asked for is at most {POINTS}.

| `--compress` | test accuracy | points from none | test loss | KiB sent per rank and step | times fewer |
|---|---:|---:|---:|---:|---:|
""" + "\n".join(rows) + "\n")
    if worst > POINTS:
        sys.exit(f"record.py: accuracy lost {worst:.2f} points, more than {POINTS}")


main()
