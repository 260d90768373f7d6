"""Trains Fashion-MNIST with HpcTrain and with PyTorch DDP in turns and compares images per second.

Called by run.sh, which sets up first. Each row is a model and a number of ranks. A round runs ours, then the peer, right
after each other, so that both see the same machine; the row's ratio is the median over the rounds' ratios.
"""

import argparse
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

import chart

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
RUN_LIMIT_S = 600


def parse_arguments():
    parser = argparse.ArgumentParser(prog="bench/ddp-peer/run.sh", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", choices=["cnn", "mlp"], default=["cnn", "mlp"])
    parser.add_argument("--ranks", nargs="+", type=int, default=[1, 2, 4])
    parser.add_argument("--batch", type=int, default=64, help="samples per rank and step (default 64)")
    parser.add_argument("--images", type=int, default=19200, help="images per timed run over all ranks (default 19200)")
    parser.add_argument("--warmup-steps", type=int, default=20, help="steps before the clock starts (default 20)")
    parser.add_argument("--rounds", type=int, default=3, help="pairs of runs per row, at least 3 for a record (default 3)")
    parser.add_argument("--data", default=ROOT / "data/fashion-mnist", help="the imported shards (default data/fashion-mnist)")
    parser.add_argument("--output", type=Path, default=HERE, help="folder for results.md, results.json and results.svg")
    return parser.parse_args()


def run_bounded(command):
    """Runs a command from the repository's root; returns its output, or ends this program with a sentence."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
                               cwd=ROOT, start_new_session=True)
    try:
        output, errors = process.communicate(timeout=RUN_LIMIT_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        sys.exit(f"compare: not done after {RUN_LIMIT_S} s: {' '.join(map(str, command))}")
    if process.returncode != 0:
        sys.exit(f"compare: exit code {process.returncode} of {' '.join(map(str, command))}\n{output[-2000:]}{errors[-4000:]}")
    return output


def run_ours(arguments, model, ranks, steps):
    """One run of the job. Its --steps counts the warm-up, ours and the peer's do not."""
    with tempfile.TemporaryDirectory(prefix="hpctrain-ddp-peer-") as scratch:
        folder = Path(scratch) / "run"
        run_bounded(
            [ROOT / "artifacts/bin/fashion-mnist", "--ranks", str(ranks), "--threads", "1", "--model", model,
             "--batch", str(arguments.batch), "--steps", str(arguments.warmup_steps + steps),
             "--warmup-steps", str(arguments.warmup_steps), "--no-eval", "--checkpoint-every", "0",
             "--data", arguments.data, "--run-dir", folder])
        summary = json.loads((folder / "summary.json").read_text())
    if summary["ranks"] != ranks:
        sys.exit(f"compare: asked for {ranks} ranks, the job ran {summary['ranks']}")
    return {"images_per_second": summary["images_per_second"], "resident_bytes_per_rank": summary["peak_resident_bytes"],
            "mpi": summary["mpi"], "algorithm": summary["algorithm"], "last_loss": summary["train_loss"]}


def run_peer(arguments, model, ranks, steps):
    output = run_bounded(
        [sys.executable, HERE / "ddp_peer.py", "--model", model, "--ranks", str(ranks), "--batch", str(arguments.batch),
         "--steps", str(steps), "--warmup-steps", str(arguments.warmup_steps)])
    return json.loads(output.splitlines()[-1])


def measure_row(arguments, model, ranks):
    steps = max(20, arguments.images // (arguments.batch * ranks))
    rounds = []
    for number in range(arguments.rounds):
        ours = run_ours(arguments, model, ranks, steps)
        peer = run_peer(arguments, model, ranks, steps)
        ratio = ours["images_per_second"] / peer["images_per_second"]
        rounds.append({"ours": ours, "peer": peer, "ratio": ratio})
        print(f"{model} {ranks} ranks, round {number + 1}: HpcTrain {ours['images_per_second']:7.0f}  "
              f"PyTorch {peer['images_per_second']:7.0f} images/s  ratio {ratio:.2f}", flush=True)
    median = lambda side, value: statistics.median(entry[side][value] for entry in rounds)
    return {
        "model": model, "ranks": ranks, "steps": steps,
        "ours_images_per_second": median("ours", "images_per_second"),
        "peer_images_per_second": median("peer", "images_per_second"),
        "ratio": statistics.median(entry["ratio"] for entry in rounds),
        "ours_resident_bytes_per_rank": max(entry["ours"]["resident_bytes_per_rank"] for entry in rounds),
        "peer_resident_bytes_per_rank": max(entry["peer"]["resident_bytes_per_rank"] for entry in rounds),
        "algorithm": rounds[-1]["ours"]["algorithm"], "mpi": rounds[-1]["ours"]["mpi"],
        "rounds": rounds,
    }


def second_setup_seconds():
    began = time.perf_counter()
    run_bounded([ROOT / "setup.sh"])
    return time.perf_counter() - began


def describe_machine():
    machine = json.loads(run_bounded([ROOT / "artifacts/bin/hpctrain", "info", "--json"]))
    return {"cpu": machine["cpu"]["model"], "processors": machine["cpu"]["processors"],
            "memory_bytes": machine["host"]["memory_bytes"], "os": machine["host"]["os"],
            "dotnet": machine["dotnet"]["version"], "libtorch": machine["libtorch"]["version"],
            "kernels": machine["kernels"]["description"], "python": platform.python_version()}


def table(record):
    machine, gibi, mebi = record["machine"], 1 << 30, 1 << 20
    first = record["rows"][0]
    lines = [
        "# HpcTrain beside PyTorch DDP: Fashion-MNIST, images per second", "",
        f"Recorded {record['date']} with `bench/ddp-peer/run.sh`; rounds per row: {record['rounds']}, both sides in turns. The",
        "ratio is the median of the rounds' ratios, above 1 when HpcTrain is faster. "
        f"{record['batch']} samples per rank and step,",
        "one thread per rank, SGD with momentum; steady steps only (start-up and warm-up are left out).", "",
        f"- Machine: {machine['processors']} x {machine['cpu']}, {machine['memory_bytes'] / gibi:.0f} GiB, {machine['os']}",
        f"- HpcTrain: .NET {machine['dotnet']}, libtorch {machine['libtorch']}, {first['mpi']}, {machine['kernels']} kernels",
        f"- PyTorch {first['rounds'][-1]['peer']['torch']}, DDP over gloo, Python {machine['python']}", "",
        "| model | ranks | HpcTrain img/s | PyTorch DDP img/s | ratio | algorithm | HpcTrain MiB/rank | PyTorch MiB/rank |",
        "|---|---:|---:|---:|---:|---|---:|---:|",
    ]
    for row in record["rows"]:
        lines.append(
            f"| {row['model']} | {row['ranks']} | {row['ours_images_per_second']:.0f} | {row['peer_images_per_second']:.0f} | "
            f"{row['ratio']:.2f} | {row['algorithm']} | {row['ours_resident_bytes_per_rank'] / mebi:.0f} | "
            f"{row['peer_resident_bytes_per_rank'] / mebi:.0f} |")
    lines += ["", "MiB/rank is the largest peak resident size of a rank. PyTorch holds the whole data set in every rank, so that its",
              "loader costs nothing; HpcTrain reads shards.", "",
              f"A second run of `./setup.sh` takes {record['second_setup_seconds']:.2f} s.", ""]
    return "\n".join(lines)


def main():
    arguments = parse_arguments()
    if arguments.rounds < 1 or min(arguments.ranks) < 1:
        sys.exit("compare: --rounds and --ranks start at 1")
    record = {"date": datetime.now(timezone.utc).strftime("%Y-%m-%d"), "rounds": arguments.rounds, "batch": arguments.batch,
              "machine": describe_machine(), "rows": []}
    print(f"{record['machine']['processors']} x {record['machine']['cpu']}; libtorch {record['machine']['libtorch']}; "
          f".NET {record['machine']['dotnet']}", flush=True)
    for model in arguments.models:
        for ranks in arguments.ranks:
            record["rows"].append(measure_row(arguments, model, ranks))
    record["second_setup_seconds"] = second_setup_seconds()
    arguments.output.mkdir(parents=True, exist_ok=True)
    (arguments.output / "results.json").write_text(json.dumps(record, indent=2) + "\n")
    (arguments.output / "results.md").write_text(table(record))
    (arguments.output / "results.svg").write_text(chart.draw(record))
    print("\n" + table(record))


if __name__ == "__main__":
    main()
