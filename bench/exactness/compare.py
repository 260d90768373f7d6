"""Trains the same model from the same weights on the same batches with PyTorch and with HpcTrain's ranks, and compares the parameters.

Called by run.sh. PyTorch trains in one process on whole batches, with torch.optim's SGD (momentum 0.9, weight decay 5e-4) and Adam;
HpcTrain on 1, 2 and 4 ranks, each with its part of every batch, and each way of dividing the optimizer's step. Differences of a tensor are told
by norms, which have to be within the bound, and of its worst element, relative to its largest one. How far PyTorch's own f32 is from its f64
stands beside them: Adam divides by roots of squares that may be tiny, so that single elements follow roundings. Writes results.md.
"""

import os
import platform
import subprocess
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path

import numpy
import torch

HERE = Path(__file__).resolve().parent
FEATURES, HIDDEN, CLASSES, BATCH, STEPS = 784, 256, 10, 64, 100
LIMIT_S = 300
BOUND = 1e-5


def model():
    return torch.nn.Sequential(torch.nn.Linear(FEATURES, HIDDEN), torch.nn.ReLU(), torch.nn.Linear(HIDDEN, CLASSES))


def make(folder):
    """Weights and batches, the same for both sides: classes that a linear map of the inputs tells apart, with noise."""
    torch.manual_seed(1)
    network = model()
    random = numpy.random.default_rng(1)
    inputs = random.standard_normal((STEPS * BATCH, FEATURES), dtype=numpy.float32)
    scores = inputs @ random.standard_normal((FEATURES, CLASSES), dtype=numpy.float32) + 5 * random.standard_normal((STEPS * BATCH, CLASSES), dtype=numpy.float32)
    targets = scores.argmax(1).astype(numpy.int64)
    numpy.concatenate([p.detach().numpy().ravel() for p in network.parameters()]).tofile(folder / "weights.f32")
    inputs.tofile(folder / "inputs.f32")
    targets.tofile(folder / "targets.i64")
    (folder / "shape.txt").write_text(f"{FEATURES} {HIDDEN} {CLASSES} {BATCH} {STEPS}")
    return network.state_dict(), torch.from_numpy(inputs), torch.from_numpy(targets)


def train(weights, inputs, targets, name, dtype=torch.float32):
    network = model()
    network.load_state_dict(weights)
    network, inputs = network.to(dtype), inputs.to(dtype)
    optimizer = torch.optim.Adam(network.parameters(), 1e-3) if name == "adam" else torch.optim.SGD(network.parameters(), 0.05, 0.9, weight_decay=5e-4)
    for step in range(STEPS):
        batch = slice(step * BATCH, (step + 1) * BATCH)
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(network(inputs[batch]), targets[batch]).backward()
        optimizer.step()
    return [p.detach().numpy() for p in network.parameters()]


def ours(folder, name, ranks, division):
    command = ["mpirun", "-n", str(ranks), "--oversubscribe", "--allow-run-as-root", "--mca", "mpi_yield_when_idle", "1", sys.argv[1], str(folder), name, division]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, env={**os.environ, "TERM": "dumb"})
    if done.returncode != 0:
        sys.exit(f"compare: exit code {done.returncode} of {' '.join(command)}\n{done.stdout}{done.stderr}")
    return numpy.fromfile(folder / f"parameters-{name}-{ranks}-{division}.f32", dtype=numpy.float32), done.stdout.strip().strip(", ")


def differences(found, expected):
    """The largest over tensors: by norms, and of an element relative to the largest."""
    norms, elements, place = [], [], 0
    for tensor in expected:
        difference = found[place:place + tensor.size].reshape(tensor.shape).astype(numpy.float64) - tensor
        norms.append(numpy.linalg.norm(difference) / numpy.linalg.norm(tensor))
        elements.append(numpy.abs(difference).max() / numpy.abs(tensor).max())
        place += tensor.size
    return max(norms), max(elements)


def main():
    torch.set_num_threads(1)
    rows, worst = [], 0.0
    with tempfile.TemporaryDirectory(prefix="hpctrain-exactness-") as scratch:
        folder = Path(scratch)
        weights, inputs, targets = make(folder)
        for name in ["sgd", "adam"]:
            expected = train(weights, inputs, targets, name)
            exact = train(weights, inputs, targets, name, torch.float64)
            norm, element = differences(numpy.concatenate([p.ravel() for p in expected]), exact)
            rows.append(f"| {name} | | PyTorch f32 against its own f64 | {norm:.1e} | {element:.1e} |")
            print(rows[-1], flush=True)
            for ranks in [1, 2, 4]:
                for division in ["auto", "always", "never"]:
                    found, what = ours(folder, name, ranks, division)
                    norm, element = differences(found, expected)
                    worst = max(worst, norm)
                    rows.append(f"| {name} | {ranks} | {what} | {norm:.1e} | {element:.1e} |")
                    print(rows[-1], flush=True)
    (HERE / "results.md").write_text(f"""# The same parameters as PyTorch's

{STEPS} steps of a network {FEATURES}-{HIDDEN}-{CLASSES} on batches of {BATCH}, from the same weights: PyTorch {torch.__version__} in one process on whole batches, HpcTrain's
ranks on their parts of them. Recorded {datetime.now(timezone.utc):%Y-%m-%d} by `bench/exactness/run.sh` on {platform.machine()}. By norms the largest difference of any tensor is {worst:.1e}; asked for is at most
{BOUND:g}. Adam divides by roots of squares that may be tiny, so single elements follow roundings, as PyTorch's own do.

| optimizer | ranks | division, algorithm | difference of a tensor, of its norm | of an element, of the tensor's largest |
|---|---:|---|---:|---:|
""" + "\n".join(rows) + "\n")
    if worst > BOUND:
        sys.exit(f"compare: the largest difference is {worst:.1e}, more than {BOUND:g}")


main()
