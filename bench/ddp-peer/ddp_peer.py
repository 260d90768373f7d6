"""The peer: Fashion-MNIST with PyTorch's DistributedDataParallel over gloo, one thread per rank.

Run as one process it starts the ranks itself and prints one JSON object:

    python3 ddp_peer.py --model cnn --ranks 2 --batch 64 --steps 100 --warmup-steps 20

The peer is not handicapped: the images are tensors in memory before the clock starts, batches are gathered by one
indexing call, gradients are views of DDP's buckets, nothing is printed or read back between steps.
"""

import argparse
import gzip
import json
import os
import resource
import socket
import subprocess
import sys
import time


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=["cnn", "mlp"], required=True)
    parser.add_argument("--ranks", type=int, required=True)
    parser.add_argument("--batch", type=int, default=64, help="samples per rank and step")
    parser.add_argument("--steps", type=int, default=100, help="steps that are timed")
    parser.add_argument("--warmup-steps", type=int, default=20, help="steps before the clock starts")
    parser.add_argument("--source", default="/usr/share/datasets/fashion-mnist", help="folder of the IDX .gz files")
    return parser.parse_args()


def start_ranks(arguments):
    """Starts one process per rank with the variables that env:// reads, and waits for all."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    common = dict(os.environ, MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port), WORLD_SIZE=str(arguments.ranks),
                  OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", GLOO_SOCKET_IFNAME="lo")
    ranks = [subprocess.Popen([sys.executable, *sys.argv], env=dict(common, RANK=str(rank)))
             for rank in range(arguments.ranks)]
    codes = [rank.wait() for rank in ranks]
    return max(abs(code) for code in codes)


def read_idx(path, header):
    import numpy
    with gzip.open(path) as file:
        return numpy.frombuffer(file.read(), dtype=numpy.uint8, offset=header)


def load(source):
    import torch
    images = read_idx(os.path.join(source, "train-images-idx3-ubyte.gz"), 16).reshape(-1, 1, 28, 28)
    labels = read_idx(os.path.join(source, "train-labels-idx1-ubyte.gz"), 8)
    return torch.tensor(images).float().div_(255).sub_(0.2860).div_(0.3530), torch.tensor(labels).long()


def create_model(name):
    from torch import nn
    if name == "cnn":
        return nn.Sequential(
            nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(3136, 128), nn.ReLU(), nn.Linear(128, 10))
    return nn.Sequential(
        nn.Flatten(), nn.Linear(784, 2048), nn.ReLU(), nn.Linear(2048, 2048), nn.ReLU(), nn.Linear(2048, 10))


def run_rank(arguments):
    import torch
    import torch.distributed as dist
    from torch.nn.parallel import DistributedDataParallel

    torch.set_num_threads(1)
    torch.manual_seed(1)
    dist.init_process_group("gloo", init_method="env://")
    rank, ranks = dist.get_rank(), dist.get_world_size()
    images, labels = load(arguments.source)
    model = DistributedDataParallel(create_model(arguments.model), gradient_as_bucket_view=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01 * ranks, momentum=0.9)
    loss_of = torch.nn.CrossEntropyLoss()
    permutation = torch.randperm(len(images), generator=torch.Generator().manual_seed(1))
    mine = permutation[rank::ranks]
    batches = len(mine) // arguments.batch

    def train(first, count):
        for step in range(first, first + count):
            start = step % batches * arguments.batch
            chosen = mine[start:start + arguments.batch]
            optimizer.zero_grad(set_to_none=False)
            loss = loss_of(model(images[chosen]), labels[chosen])
            loss.backward()
            optimizer.step()
        return loss

    train(0, arguments.warmup_steps)
    dist.barrier()
    began = time.perf_counter()
    loss = train(arguments.warmup_steps, arguments.steps)
    dist.barrier()
    seconds = time.perf_counter() - began

    memory = torch.tensor([resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024], dtype=torch.int64)
    dist.all_reduce(memory, op=dist.ReduceOp.MAX)
    if rank == 0:
        print(json.dumps({
            "model": arguments.model, "ranks": ranks, "batch": arguments.batch, "steps": arguments.steps,
            "images_per_second": arguments.steps * arguments.batch * ranks / seconds,
            "last_loss": loss.item(), "resident_bytes_per_rank": memory.item(), "torch": torch.__version__,
        }), flush=True)
    dist.destroy_process_group()


if __name__ == "__main__":
    options = parse_arguments()
    if "RANK" in os.environ:
        run_rank(options)
    else:
        sys.exit(start_ranks(options))
