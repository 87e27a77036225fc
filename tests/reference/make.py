"""Writes the fixtures that mien's networks are compared with, and checks what mien writes.

    pip install torch numpy safetensors
    python make.py                     writes the fixtures beside this file
    python make.py check NAME FILE     loads FILE (written by mien) into the PyTorch network NAME, strictly,
                                       and compares its logits with the fixture's

Each network is a narrow one of its family (the shapes stand in NETWORKS), with the names of parameters that weight
files of the paper's networks have. For each:

    NAME.safetensors          initial weights, as safetensors.torch.save_file writes them (no metadata)
    NAME.pth                  the same, as torch.save writes them (plain and resnet alone, to keep the folder small)
    NAME-trained.safetensors  weights and running statistics after three steps of SGD (learning rate 0.01, momentum
                              0.9, weight decay 1e-4) on the eight pictures, dropout off
    plain-checkpoint.pth      the same weights as f16 in a training checkpoint: {"epoch", "state_dict", "optimizer"},
                              each name with the `module.` that DataParallel puts before it
    plain-legacy.pth          the same weights in the format before PyTorch 1.6
    runs-code.pth             a checkpoint that calls os.system("echo mien") where Python loads it carelessly
    expected.json             per network: logits of the initial weights in evaluation mode, the three losses
    pictures.bin              eight grey pictures, 64x64 bytes each; the labels are 0 1 2 3 4 5 0 1

The running statistics of the initial weights are not PyTorch's 0 and 1 but those after one pass over the pictures
in training mode, so that evaluation with them means something. Weights are drawn under the first seed whose
training does not hang on rounding; another release of PyTorch may draw others, and then all fixtures change
together.

`check` was run on mien's exports of all fixtures (test `exports_the_networks_for_pytorch_to_read`, which writes
them to the folder that MIEN_EXPORT_TO names).
"""

import copy
import json
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

HERE = Path(__file__).parent
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
LABELS = torch.tensor([0, 1, 2, 3, 4, 5, 0, 1])


class RunsCode:
    def __reduce__(self):
        import os

        return os.system, ("echo mien",)


class SE(nn.Module):
    def __init__(self, channels):
        super().__init__()
        squeezed = max(channels // 16, 1)
        self.fc = nn.Sequential(
            nn.Linear(channels, squeezed, bias=False),
            nn.ReLU(),
            nn.Linear(squeezed, channels, bias=False),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return x * self.fc(x.mean((2, 3)))[:, :, None, None]


class Head(nn.Module):
    """fc1, fc2, fc3 without dropout; mixed into the networks so that the keys have no prefix."""

    def make_head(self, c):
        self.fc1, self.fc2, self.fc3 = nn.Linear(c, 2 * c), nn.Linear(2 * c, c), nn.Linear(c, 6)

    def head(self, x):
        x = x.mean((2, 3))
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))


class Plain(Head):
    def __init__(self, depth, width, se):
        super().__init__()
        self.depth, c = depth, 3
        for i in range(1, depth + 1):
            out = width * 2 ** (i - 1)
            setattr(self, f"conv{i}", nn.Conv2d(c, out, 3, padding=1))
            setattr(self, f"bn{i}", nn.BatchNorm2d(out))
            if se and i == 1:
                self.se1 = SE(out)
            c = out
        self.make_head(c)

    def forward(self, x):
        for i in range(1, self.depth + 1):
            x = F.relu(getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(x)))
            if i == 1 and hasattr(self, "se1"):
                x = self.se1(x)
            x = F.max_pool2d(x, 2)
        return self.head(x)


class ResBlock(nn.Module):
    def __init__(self, cin, cout):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(cin, cout, 3, 2, 1), nn.BatchNorm2d(cout)
        self.conv2, self.bn2 = nn.Conv2d(cout, cout, 3, 1, 1), nn.BatchNorm2d(cout)
        self.shortcut = nn.Sequential(nn.Conv2d(cin, cout, 1, 2), nn.BatchNorm2d(cout))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + self.shortcut(x))


class Residual(Head):
    def __init__(self, blocks, width):
        super().__init__()
        self.conv1, self.bn1, self.se1 = nn.Conv2d(3, width, 3, 1, 1), nn.BatchNorm2d(width), SE(width)
        self.blocks = blocks
        for i in range(1, blocks + 1):
            setattr(self, f"res_block{i}", ResBlock(width * 2 ** (i - 1), width * 2**i))
        self.make_head(width * 2**blocks)

    def forward(self, x):
        x = self.se1(F.relu(self.bn1(self.conv1(x))))
        for i in range(1, self.blocks + 1):
            x = getattr(self, f"res_block{i}")(x)
        return self.head(x)


class Vgg(nn.Module):
    def __init__(self, width):
        super().__init__()
        c = 3
        for stage in range(3):
            out = width * 2**stage
            setattr(self, f"conv{2 * stage + 1}", nn.Conv2d(c, out, 3, padding=1))
            setattr(self, f"conv{2 * stage + 2}", nn.Conv2d(out, out, 3, padding=1))
            setattr(self, f"bn{stage + 1}", nn.BatchNorm2d(out))
            c = out
        self.classifier = nn.Sequential(
            nn.Linear(64 * c, 64 * width),
            nn.ReLU(),
            nn.Dropout(0.0),
            nn.Linear(64 * width, 16 * width),
            nn.ReLU(),
            nn.Dropout(0.0),
            nn.Linear(16 * width, 6),
        )

    def forward(self, x):
        for stage in range(3):
            bn = getattr(self, f"bn{stage + 1}")
            for conv in (2 * stage + 1, 2 * stage + 2):
                x = F.relu(bn(getattr(self, f"conv{conv}")(x)))
            x = F.max_pool2d(x, 2)
        return self.classifier(x.flatten(1))


class BasicBlock(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False), nn.BatchNorm2d(cout)
        self.conv2, self.bn2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False), nn.BatchNorm2d(cout)
        self.shortcut = nn.Sequential()
        if stride != 1 or cin != cout:
            self.shortcut = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + self.shortcut(x))


class ResNet(nn.Module):
    def __init__(self, blocks, width, grey=False):
        super().__init__()
        self.grey = grey
        channels = [width, 2 * width, 4 * width, 15 * width // 2 if grey else 8 * width]
        stem = (1, width, 3, 1, 1) if grey else (3, width, 7, 2, 3)
        self.conv1, self.bn1 = nn.Conv2d(*stem, bias=False), nn.BatchNorm2d(width)
        c = width
        for stage, (count, out) in enumerate(zip(blocks, channels), 1):
            layers = []
            for block in range(count):
                layers.append(BasicBlock(c, out, 2 if stage > 1 and block == 0 else 1))
                c = out
            setattr(self, f"layer{stage}", nn.Sequential(*layers))
        self.fc = nn.Linear(c, 6)

    def forward(self, x):
        if self.grey:
            x = x.mean(1, keepdim=True)
        x = F.relu(self.bn1(self.conv1(x)))
        for stage in range(1, 5):
            x = getattr(self, f"layer{stage}")(x)
        return self.fc(x.mean((2, 3)))


NETWORKS = {
    "plain": lambda: Plain(depth=3, width=8, se=True),
    "residual": lambda: Residual(blocks=2, width=4),
    "vgg": lambda: Vgg(width=1),
    "resnet": lambda: ResNet([2, 2, 2, 2], width=2),
    "facenet10": lambda: ResNet([2, 2, 2, 2], width=2, grey=True),
}


def pictures():
    """Smooth blobs and noise: neither empty nor all alike."""
    generator = np.random.default_rng(5)
    y, x = np.mgrid[0:64, 0:64]
    made = []
    for i in range(8):
        cy, cx, size = generator.uniform(16, 48), generator.uniform(16, 48), generator.uniform(6, 20)
        blob = 200 * np.exp(-((y - cy) ** 2 + (x - cx) ** 2) / (2 * size**2))
        made.append(np.clip(blob + generator.uniform(0, 55, (64, 64)), 0, 255).astype(np.uint8))
    return np.stack(made)


def as_input(grey):
    x = torch.from_numpy(grey).float()[:, None] / 255
    return (x.repeat(1, 3, 1, 1) - MEAN) / STD


def draw(net):
    """Weights under which the logits of two pictures differ by tenths: PyTorch's own initial ones give logits that
    hardly depend on the picture, and would hide a layer that is left out."""
    for module in net.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(module.weight)
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)
    return net


def train(net, x):
    """Three steps of SGD in place; the losses."""
    net.train()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)
    losses = []
    for _ in range(3):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), LABELS)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def disagreement(net, exact):
    """The largest difference of a tensor from its f64 twin, relative to the twin's norm."""
    twin = exact.state_dict()
    floats = {k: v.double() for k, v in net.state_dict().items() if v.is_floating_point()}
    return max(((v - twin[k]).norm() / twin[k].norm().clamp_min(1e-12)).item() for k, v in floats.items())


def trained_alike(name, x):
    """Draws networks until one tells the pictures apart and its training in f32 ends where it ends in f64: rounding
    can turn a ReLU over, and a fixture that PyTorch itself does not reproduce would prove nothing. Gives initial and
    trained network, losses."""
    for seed in range(100):
        torch.manual_seed(seed)
        net = draw(NETWORKS[name]()).train()
        with torch.no_grad():
            net(x)
            spread = copy.deepcopy(net).eval()(x).std(0).min()
        initial, exact = copy.deepcopy(net), copy.deepcopy(net).double()
        losses = train(net, x)
        train(exact, x.double())
        if spread > 0.05 and disagreement(net, exact) < 1e-4:
            return initial, net, losses
    sys.exit(f"{name}: no seed trains alike in f32 and f64")


def make():
    grey = pictures()
    (HERE / "pictures.bin").write_bytes(grey.tobytes())
    x, expected = as_input(grey), {}
    for name in NETWORKS:
        net, trained, losses = trained_alike(name, x)
        net.eval()
        with torch.no_grad():
            logits = net(x)
        save_file(net.state_dict(), HERE / f"{name}.safetensors")
        if name in ("plain", "resnet"):
            torch.save(net.state_dict(), HERE / f"{name}.pth")
        if name == "plain":
            checkpoints(net)
        save_file(trained.state_dict(), HERE / f"{name}-trained.safetensors")
        expected[name] = {"logits": logits.tolist(), "losses": losses}
        print(name, sum(p.numel() for p in net.parameters()), losses)
    (HERE / "expected.json").write_text(json.dumps(expected) + "\n")


def checkpoints(net):
    state = net.state_dict()
    torch.save(state, HERE / "plain-legacy.pth", _use_new_zipfile_serialization=False)
    half = {f"module.{k}": v.half() if v.is_floating_point() else v for k, v in state.items()}
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01).state_dict()
    torch.save({"epoch": 3, "state_dict": half, "optimizer": optimizer}, HERE / "plain-checkpoint.pth")
    torch.save({"state_dict": {"conv1.bias": state["conv1.bias"]}, "extra": RunsCode()}, HERE / "runs-code.pth")


def check(name, file):
    grey = np.frombuffer((HERE / "pictures.bin").read_bytes(), np.uint8).reshape(8, 64, 64)
    net = NETWORKS[name]()
    net.load_state_dict(load_file(file), strict=True)
    net.eval()
    with torch.no_grad():
        logits = net(as_input(grey.copy()))
    expected = torch.tensor(json.loads((HERE / "expected.json").read_text())[name]["logits"])
    original = load_file(HERE / f"{name}.safetensors")
    written = load_file(file)
    same = original.keys() == written.keys() and all(torch.equal(original[k], written[k]) for k in original)
    print(name, "largest difference of logits", (logits - expected).abs().max().item(), "all tensors equal:", same)
    assert same and torch.allclose(logits, expected, atol=1e-5)


if __name__ == "__main__":
    check(*sys.argv[2:]) if sys.argv[1:2] == ["check"] else make()
