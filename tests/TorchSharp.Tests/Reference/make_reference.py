#!/usr/bin/env python3
"""Writes reference.json: what PyTorch computes where the tests compare the drop-in with it.

    /usr/bin/python3 make_reference.py        (made with Debian's python3-torch 1.13.1)

Inputs are waves, sin(0.7 i + phase), which the tests make by the same formula (Reference.Wave). A function's case
holds its result and the gradient of its input, for the loss sum(result * wave(phase 0.3)).
"""
import json
import math
import pathlib

import torch
import torch.nn.functional as F
from torch import nn

torch.set_num_threads(1)
results = {}


def wave(*shape, phase=0.0, dtype=torch.float64):
    count = math.prod(shape)
    return torch.tensor([math.sin(0.7 * i + phase) for i in range(count)], dtype=torch.float64).reshape(shape).to(dtype)


def keep(name, tensor):
    results[name] = [float(value) for value in tensor.detach().flatten()]


def case(name, shape, function):
    x = wave(*shape).requires_grad_()
    y = function(x)
    (y * wave(*y.shape, phase=0.3)).sum().backward()
    keep(name + ".result", y)
    keep(name + ".gradient", x.grad)


def functions():
    case("relu", (3, 4), F.relu)
    case("relu6", (3, 4), lambda x: F.relu6(8 * x))
    case("leaky_relu", (3, 4), lambda x: F.leaky_relu(x, 0.2))
    case("elu", (3, 4), lambda x: F.elu(x, 1.5))
    case("gelu", (3, 4), F.gelu)
    case("gelu_tanh", (3, 4), lambda x: F.gelu(x, approximate="tanh"))
    case("silu", (3, 4), F.silu)
    case("sigmoid", (3, 4), torch.sigmoid)
    case("tanh", (3, 4), torch.tanh)
    case("softplus", (3, 4), lambda x: F.softplus(x, 2, 1))
    case("softmax", (3, 4), lambda x: F.softmax(x, 1))
    case("log_softmax", (3, 4), lambda x: F.log_softmax(x, 0))
    case("normalize", (3, 4), lambda x: F.normalize(x, dim=1))
    case("linear", (3, 4), lambda x: F.linear(x, wave(5, 4, phase=1), wave(5, phase=2)))
    case("conv1d", (2, 3, 8), lambda x: F.conv1d(x, wave(4, 3, 3, phase=1), wave(4, phase=2), 2, 1))
    case("conv2d", (2, 4, 6, 5), lambda x: F.conv2d(x, wave(6, 2, 3, 2, phase=1), wave(6, phase=2), (2, 1), (1, 0), (1, 2), 2))
    case("conv2d_same", (2, 3, 5, 5), lambda x: F.conv2d(x, wave(4, 3, 3, 3, phase=1), None, 1, "same"))
    for mode in ("constant", "reflect", "replicate", "circular"):
        case("pad_" + mode, (2, 3, 4, 5), lambda x: F.pad(x, (1, 2, 0, 1), mode))
    case("max_pool1d", (2, 3, 9), lambda x: F.max_pool1d(x, 3, 2, 1))
    case("max_pool2d", (2, 3, 6, 7), lambda x: F.max_pool2d(x, (3, 2), (2, 2), (1, 0), 1, True))
    case("avg_pool1d", (2, 3, 9), lambda x: F.avg_pool1d(x, 3, 2, 1))
    case("avg_pool2d", (2, 3, 6, 7), lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False))
    case("adaptive_avg_pool1d", (2, 3, 7), lambda x: F.adaptive_avg_pool1d(x, 3))
    case("adaptive_avg_pool2d", (2, 3, 6, 7), lambda x: F.adaptive_avg_pool2d(x, (2, 3)))
    case("batch_norm", (4, 3, 2, 2), lambda x: F.batch_norm(
        x, wave(3), wave(3).abs() + 1, wave(3, phase=1), wave(3, phase=2), True, 0.2))
    case("batch_norm_running", (4, 3), lambda x: F.batch_norm(x, wave(3), wave(3).abs() + 1))
    case("layer_norm", (4, 6), lambda x: F.layer_norm(x, (6,), wave(6, phase=1), wave(6, phase=2)))
    case("group_norm", (2, 4, 3), lambda x: F.group_norm(x, 2, wave(4, phase=1), wave(4, phase=2)))
    mask = torch.tensor([[True, True, False], [True, True, True], [False, True, True]])
    key, value = wave(2, 3, 4, phase=1), wave(2, 3, 5, phase=2)

    def attention(x, allowed):
        scores = (x @ key.transpose(-2, -1) / math.sqrt(4)).masked_fill(~allowed, -math.inf)
        return F.softmax(scores, -1) @ value

    case("attention", (2, 3, 4), lambda x: attention(x, torch.ones(3, 3, dtype=torch.bool)))
    case("attention_mask", (2, 3, 4), lambda x: attention(x, mask))
    case("attention_causal", (2, 3, 4), lambda x: attention(x, torch.ones(3, 3, dtype=torch.bool).tril()))
    case("matmul", (2, 3, 4), lambda x: x @ wave(2, 4, 5, phase=1))
    case("matmul_broadcast", (2, 3, 4), lambda x: wave(2, 1, 5, 3, phase=1) @ x)
    case("transpose", (2, 3, 4), lambda x: x.transpose(-2, -1) * x.reshape(2, 4, 3))
    case("permute", (2, 3, 4), lambda x: x.permute(2, 0, 1) * x.reshape(4, 2, 3))
    case("masked_fill", (2, 3, 3), lambda x: x.masked_fill(torch.ones(3, 3).triu(1) == 1, -2.5))
    case("tril", (2, 4, 5), lambda x: x.tril(-1))
    case("triu", (2, 4, 5), lambda x: x.triu(1))
    case("index_select", (4, 3), lambda x: x.index_select(0, torch.tensor([2, 0, 2])))
    case("embedding", (5, 3), lambda x: F.embedding(torch.tensor([[1, 4], [1, 0]]), x))


def attention_modules():
    mask, padding = torch.ones(4, 4).triu(1) == 1, torch.tensor([[False, False, False, True], [False] * 4])

    def made(module):
        start_from_waves(module)
        return module.double()

    own = made(nn.MultiheadAttention(8, 2))
    case("multihead", (4, 2, 8), lambda x: own(x, x, x)[0])
    case("multihead_weights", (4, 2, 8), lambda x: own(x, x, x, padding, attn_mask=mask)[1])
    case("multihead_added", (4, 2, 8), lambda x: own(x, x, x, attn_mask=wave(4, 4, phase=2), need_weights=False)[0])
    case("multihead_each", (4, 2, 8), lambda x: own(x, x, x, attn_mask=wave(4, 4, 4, phase=2) > 0.8)[0])
    other = made(nn.MultiheadAttention(8, 2, add_bias_kv=True, add_zero_attn=True, kdim=6, vdim=5))
    case("multihead_other", (3, 2, 8), lambda x: other(x, wave(4, 2, 6, phase=1), wave(4, 2, 5, phase=2), padding, attn_mask=mask[1:])[0])
    for activation in ("relu", "gelu"):
        layer = made(nn.TransformerEncoderLayer(8, 2, 12, 0, activation))
        case("encoder_layer_" + activation, (4, 2, 8), lambda x: layer(x, mask, padding))
    encoder = nn.TransformerEncoder(layer, 2)
    case("encoder", (4, 2, 8), lambda x: encoder(x, mask, padding))
    case("encoder_plain", (4, 2, 8), encoder)


def losses():
    classes = torch.tensor([2, 0, 3])
    target = wave(3, 4, phase=1)
    weight = wave(4, phase=2).abs()
    for reduction in ("none", "mean", "sum"):
        end = "_" + reduction
        case("cross_entropy" + end, (3, 4), lambda x: F.cross_entropy(x, classes, reduction=reduction))
        case("cross_entropy_weighted" + end, (3, 4), lambda x: F.cross_entropy(
            x, classes, weight, ignore_index=0, reduction=reduction, label_smoothing=0.1))
        case("nll_loss" + end, (3, 4), lambda x: F.nll_loss(F.log_softmax(x, 1), classes, weight, reduction=reduction))
        case("mse_loss" + end, (3, 4), lambda x: F.mse_loss(x, target, reduction=reduction))
        case("l1_loss" + end, (3, 4), lambda x: F.l1_loss(x, target, reduction=reduction))
        case("smooth_l1_loss" + end, (3, 4), lambda x: F.smooth_l1_loss(x, target, reduction=reduction, beta=0.4))
        case("huber_loss" + end, (3, 4), lambda x: F.huber_loss(x, target, reduction=reduction, delta=0.4))
        case("binary_cross_entropy" + end, (3, 4), lambda x: F.binary_cross_entropy(
            torch.sigmoid(x), torch.sigmoid(target), weight, reduction=reduction))
        case("binary_cross_entropy_with_logits" + end, (3, 4), lambda x: F.binary_cross_entropy_with_logits(
            x, torch.sigmoid(target), weight, reduction=reduction, pos_weight=weight))
        case("kl_div" + end, (3, 4), lambda x: F.kl_div(
            F.log_softmax(x, 1), F.log_softmax(target, 1), reduction=reduction, log_target=True))


def initialisation():
    for name, make in {
        "Linear": lambda: nn.Linear(5, 4),
        "Conv1d": lambda: nn.Conv1d(2, 3, 4),
        "Conv2d": lambda: nn.Conv2d(2, 4, (3, 2), groups=2),
    }.items():
        torch.manual_seed(7)
        layer = make()
        keep(f"init.{name}.weight", layer.weight)
        keep(f"init.{name}.bias", layer.bias)
    torch.manual_seed(7)
    attention = nn.MultiheadAttention(4, 2, add_bias_kv=True)
    for name, tensor in attention.state_dict().items():
        keep(f"init.MultiheadAttention.{name}", tensor)
    torch.manual_seed(7)
    keep("init.Embedding.weight", nn.Embedding(6, 3, padding_idx=-2).weight)
    for name, fill in {
        "uniform": lambda x: nn.init.uniform_(x, -2, 3),
        "normal": lambda x: nn.init.normal_(x, 1, 2),
        "trunc_normal": lambda x: nn.init.trunc_normal_(x, 1, 2, -1, 2),
        "xavier_uniform": lambda x: nn.init.xavier_uniform_(x, 1.5),
        "xavier_normal": lambda x: nn.init.xavier_normal_(x, 1.5),
        "kaiming_uniform": lambda x: nn.init.kaiming_uniform_(x, 0.3),
        "kaiming_normal": lambda x: nn.init.kaiming_normal_(x, mode="fan_out", nonlinearity="relu"),
        "eye": nn.init.eye_,
    }.items():
        torch.manual_seed(7)
        keep(f"init.{name}", fill(torch.empty(4, 6)))


def sampling():
    odds = F.softmax(2 * wave(3, 6), 1)
    torch.manual_seed(7)
    keep("multinomial", torch.multinomial(odds, 9, replacement=True))
    keep("multinomial.distinct", torch.multinomial(odds, 4))
    keep("argmax", wave(3, 6).argmax(1))


def optimizers():
    configurations = {
        "sgd": lambda p: torch.optim.SGD(p, 0.1),
        "sgd_decay": lambda p: torch.optim.SGD(p, 0.1, weight_decay=0.05),
        "sgd_momentum": lambda p: torch.optim.SGD(p, 0.1, 0.9, 0.2, 0.05),
        "sgd_nesterov": lambda p: torch.optim.SGD(p, 0.1, 0.9, 0, 0.05, True),
        "sgd_maximize": lambda p: torch.optim.SGD(p, 0.1, 0.9, 0, 0.05, maximize=True),
        "adam": lambda p: torch.optim.Adam(p, 0.01),
        "adam_decay": lambda p: torch.optim.Adam(p, 0.01, (0.8, 0.99), 1e-6, 0.05),
        "adam_amsgrad": lambda p: torch.optim.Adam(p, 0.01, amsgrad=True),
        "adam_maximize": lambda p: torch.optim.Adam(p, 0.01, weight_decay=0.05, maximize=True),
        "adamw": lambda p: torch.optim.AdamW(p, 0.01, weight_decay=0),
        "adamw_decay": lambda p: torch.optim.AdamW(p, 0.01, (0.8, 0.99), 1e-6, 0.05),
        "adamw_amsgrad": lambda p: torch.optim.AdamW(p, 0.01, weight_decay=0.05, amsgrad=True),
    }
    for name, make in configurations.items():
        first, second = wave(4, 3).requires_grad_(), wave(5, phase=1).requires_grad_()
        optimizer = make([first, second])
        for step in range(6):
            optimizer.zero_grad()
            loss = (first * wave(4, 3, phase=step)).sin().sum() + (second ** 2 * (step + 1)).sum()
            loss.backward()
            optimizer.step()
        keep(f"optim.{name}.first", first)
        keep(f"optim.{name}.second", second)

    schedules = {
        "StepLR": lambda o: torch.optim.lr_scheduler.StepLR(o, 3, 0.5),
        "MultiStepLR": lambda o: torch.optim.lr_scheduler.MultiStepLR(o, [2, 5, 6], 0.3),
        "ExponentialLR": lambda o: torch.optim.lr_scheduler.ExponentialLR(o, 0.8),
        "LinearLR": lambda o: torch.optim.lr_scheduler.LinearLR(o, 0.2, 0.9, 6),
        "CosineAnnealingLR": lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 5, 0.01),
        "LambdaLR": lambda o: torch.optim.lr_scheduler.LambdaLR(o, lambda epoch: 1 / (1 + epoch)),
    }
    for name, make in schedules.items():
        optimizer = torch.optim.SGD([{"params": [wave(1).requires_grad_()]}, {"params": [wave(1).requires_grad_()], "lr": 0.4}], 0.2)
        schedule = make(optimizer)
        rates = []
        for _ in range(14):
            rates += [group["lr"] for group in optimizer.param_groups]
            optimizer.step()
            schedule.step()
        results[f"schedule.{name}"] = rates

    gradients = [wave(4, 3).requires_grad_(), wave(5, phase=1).requires_grad_()]
    for norm_type in (1.0, 2.0, math.inf):
        for tensor in gradients:
            tensor.grad = 3 * tensor.detach().clone()
        norm = nn.utils.clip_grad_norm_(gradients, 1.5, norm_type)
        results[f"clip.{norm_type:g}"] = [float(norm)] + gradients[0].grad.flatten().tolist()


class Cnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.conv2 = nn.Conv2d(4, 8, 3, padding=1)
        self.fc1 = nn.Linear(8 * 2 * 2, 16)
        self.fc2 = nn.Linear(16, 5)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.norm(self.conv1(x))), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc2(F.gelu(self.fc1(x.flatten(1))))


def start_from_waves(model):
    with torch.no_grad():
        for place, (name, parameter) in enumerate(model.named_parameters()):
            if "norm" not in name:
                parameter.copy_(0.3 * wave(*parameter.shape, phase=place))


def training():
    """30 steps in f32 from weights that are waves; the loss of each step and the state in the end."""
    model = Cnn()
    start_from_waves(model)
    optimizer = torch.optim.SGD(model.parameters(), 0.05, 0.9, weight_decay=1e-3)
    losses = []
    for step in range(30):
        optimizer.zero_grad()
        x = wave(6, 1, 8, 8, phase=step, dtype=torch.float32)
        loss = F.cross_entropy(model(x), torch.tensor([(i + step) % 5 for i in range(6)]))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    results["training.losses"] = losses
    for name, tensor in model.state_dict().items():
        keep("training." + name, tensor)


class Block(nn.Module):
    """Attention to what came before, and a layer of its own for every position; norms stand before both."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        samples, length, width = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(samples, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        scores = (q @ k.transpose(-2, -1) / math.sqrt(width // self.heads)).masked_fill(torch.ones(length, length).triu(1) == 1, -math.inf)
        x = x + self.proj((F.softmax(scores, -1) @ v).transpose(1, 2).reshape(samples, length, width))
        return x + self.mlp(self.norm2(x))


class Decoder(nn.Module):
    def __init__(self, symbols, width, heads, length, depth):
        super().__init__()
        self.token = nn.Embedding(symbols, width)
        self.position = nn.Embedding(length, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, symbols, bias=False)

    def forward(self, symbols):
        x = self.token(symbols) + self.position(torch.arange(symbols.shape[1]))
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


def transformer():
    """
    20 steps of a decoder from weights that are waves: the next symbol of a periodic sequence. In f64, since the biases of the
    keys have no gradient but what rounding leaves, and Adam would make steps of that.
    """
    model = Decoder(7, 8, 2, 6, 2).double()
    start_from_waves(model)
    optimizer = torch.optim.AdamW(model.parameters(), 0.01, weight_decay=0.01)
    losses = []
    for step in range(20):
        optimizer.zero_grad()
        text = torch.tensor([[(i * i + row + step) % 7 for i in range(7)] for row in range(4)])
        loss = F.cross_entropy(model(text[:, :-1]).flatten(0, 1), text[:, 1:].flatten())
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    results["transformer.losses"] = losses
    for name, tensor in model.state_dict().items():
        keep("transformer." + name, tensor)


functions()
attention_modules()
losses()
initialisation()
sampling()
optimizers()
training()
transformer()
path = pathlib.Path(__file__).with_name("reference.json")
lines = (f'  {json.dumps(name)}: [{", ".join(f"{value:.12g}" for value in values)}]' for name, values in results.items())
path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
print(f"{path}: {len(results)} entries, PyTorch {torch.__version__}")
