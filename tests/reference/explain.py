"""Writes explain.json: maps of the trained fixtures, from gradients of an implementation of our own in f64.

    pip install torch numpy safetensors
    python explain.py                  writes explain.json beside this file (after make.py, whose networks it takes)

For each network of make.py with the weights NAME-trained.safetensors, a list of cases:

    picture    its number in pictures.bin
    class      what is asked about; versus: held against it by finer-cam, with a weight of 1
    predicted  whether the class is the one with the highest logit
    method     as mien names it
    layer      as mien names it; null for methods of pixels
    map        rows of a layer's map after ReLU and min-max; null where no place speaks for the class

Methods of pixels are written as 8 x 8 numbers that are not normalised, as maps of 64 x 64 would fill the folder:

    integrated-gradients  16 steps from black, the middle of each; the sum over the three channels and 8 x 8 pixels
    occlusion             patches of 8 pixels 8 pixels apart, greyed to 0.449: the drop of the logit

A picture whose ReLUs turn over between f32 and f64 would prove nothing: maps must agree between both here, too.
"""

import json
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

import make

HERE = Path(__file__).parent
FIXED = 3  # anger
GREY = 0.449

# Layers whose maps are written: convolution, normalisation, ReLU, one of each kind.
LAYERS = {
    "plain": ["conv3", "bn3", "relu3"],
    "residual": ["res_block2.conv1", "res_block2.shortcut.1", "res_block2.relu1", "res_block2"],
    "vgg": ["conv6", "bn5", "relu6"],
    "resnet": ["layer3.0.conv1", "layer3.0.bn2", "layer4.0.relu1", "layer4.1"],
    "facenet10": ["layer4.0.shortcut.0", "layer4.1.bn1", "layer4.0.relu1", "layer4.1"],
}


class Recorder:
    """Runs a network and keeps what its convolutions, normalisations and ReLUs give, under mien's names."""

    def __init__(self, name, net):
        self.name, self.net, self.outputs, self.calls = name, net, {}, {}
        for key, module in net.named_modules():
            if isinstance(module, (torch.nn.Conv2d, torch.nn.BatchNorm2d)):
                module.register_forward_hook(lambda _m, _i, output, key=key: self.keep(key, output))

    def __call__(self, x):
        self.outputs, self.calls, self.relus = {}, {}, iter(self.relu_names())
        functional, make.F = make.F, self
        try:
            return self.net(x)
        finally:
            make.F = functional

    # What make.py takes from torch.nn.functional.
    max_pool2d = staticmethod(torch.nn.functional.max_pool2d)

    def relu(self, x):
        output = torch.clamp_min(x, 0)
        self.keep(next(self.relus), output)
        return output

    def keep(self, key, output):
        call = self.calls[key] = self.calls.get(key, 0) + 1
        if self.name == "vgg" and key.startswith("bn"):
            # Two convolutions of a stage share one normalisation.
            key = f"bn{2 * (int(key[2:]) - 1) + call}"
        if output.requires_grad:
            output.retain_grad()
        self.outputs[key] = output

    def relu_names(self):
        """In the order in which they run."""
        if self.name in ("plain", "vgg"):
            return [f"relu{i}" for i in range(1, 7)] if self.name == "vgg" else "relu1 relu2 relu3 fc1 fc2".split()
        blocks = ["res_block1", "res_block2"]
        if self.name != "residual":
            blocks = [f"layer{stage}.{block}" for stage in range(1, 5) for block in range(2)]
        inner = [name for block in blocks for name in (f"{block}.relu1", block)]
        return ["relu1", *inner, "fc1", "fc2"]


def evidence(recorder, x, weights):
    """Activations and gradients of every layer, [channels, h, w], where the logits are summed with `weights`."""
    logits = recorder(x[None].clone().requires_grad_())
    (logits[0] * weights).sum().backward()
    return {key: (a.detach()[0], a.grad[0]) for key, a in recorder.outputs.items() if a.grad is not None}


def ratio(above, below):
    return torch.where(below == 0, torch.zeros_like(above), above / torch.where(below == 0, torch.ones_like(below), below))


def grad_cam(a, g):
    return torch.einsum("k,khw->hw", g.mean((1, 2)), a)


def hires_cam(a, g):
    return torch.einsum("khw,khw->hw", g, a)


def layer_cam(a, g):
    return torch.einsum("khw,khw->hw", g.clamp_min(0), a)


def grad_cam_plus_plus(a, g):
    alpha = ratio(g**2, 2 * g**2 + a.sum((1, 2), keepdim=True) * g**3)
    return torch.einsum("k,khw->hw", (alpha * g.clamp_min(0)).sum((1, 2)), a)


def xgrad_cam(a, g):
    return torch.einsum("k,khw->hw", ratio((a * g).sum((1, 2)), a.sum((1, 2))), a)


EVERYWHERE = {"grad-cam": grad_cam, "hires-cam": hires_cam, "layer-cam": layer_cam}
AFTER_RELU = {"grad-cam++": grad_cam_plus_plus, "xgrad-cam": xgrad_cam}


def normalised(cam):
    """ReLU, then from 0 to 1; None where nothing is positive."""
    cam = cam.clamp_min(0)
    return None if cam.max() == 0 else (cam - cam.min()) / (cam.max() - cam.min())


def unit(index):
    return torch.nn.functional.one_hot(torch.tensor(index), 6).double()


def layer_maps(name, recorder, x, asked, versus):
    """(method, layer, map) of a picture."""
    of = evidence(recorder, x, unit(asked).to(x.dtype))
    for layer in LAYERS[name]:
        for method, formula in EVERYWHERE.items():
            yield method, layer, normalised(formula(*of[layer]))
    relu = LAYERS[name][-1]
    for method, formula in AFTER_RELU.items():
        yield method, relu, normalised(formula(*of[relu]))
    against = evidence(recorder, x, (unit(asked) - unit(versus)).to(x.dtype))
    yield "finer-cam", relu, normalised(grad_cam(*against[relu]))
    if name in ("resnet", "facenet10"):
        yield "cam", relu, normalised(torch.einsum("k,khw->hw", recorder.net.fc.weight[asked].detach(), of[relu][0]))


def integrated_gradients(net, grey, asked, steps=16):
    sums = torch.zeros(3, 64, 64, dtype=torch.float64)
    black, x = as_input(torch.zeros_like(grey)), as_input(grey)
    for step in range(steps):
        between = (black + (step + 0.5) / steps * (x - black))[None].requires_grad_()
        net(between)[0, asked].backward()
        sums += between.grad[0] / steps
    parts = ((x - black) * sums).sum(0)
    return parts.view(8, 8, 8, 8).sum((1, 3))


def occlusion(net, grey, asked):
    with torch.no_grad():
        y = net(as_input(grey)[None])[0, asked]
        drops = torch.zeros(8, 8)
        for top in range(8):
            for left in range(8):
                greyed = grey.clone()
                greyed[8 * top : 8 * top + 8, 8 * left : 8 * left + 8] = GREY
                drops[top, left] = y - net(as_input(greyed)[None])[0, asked]
    return drops


def as_input(grey):
    """[64, 64] in 0..1 -> [3, 64, 64]"""
    return ((grey.expand(1, 3, 64, 64) - make.MEAN.double()) / make.STD.double())[0]


def cases(name):
    net = make.NETWORKS[name]()
    net.load_state_dict(load_file(HERE / f"{name}-trained.safetensors"))
    net = net.double().eval()
    pixels = np.frombuffer((HERE / "pictures.bin").read_bytes(), np.uint8).reshape(8, 64, 64)
    for picture, predicted in [(0, True), (0, False), (2, True)]:
        grey = torch.from_numpy(pixels[picture].copy()).double() / 255
        x = as_input(grey)
        with torch.no_grad():
            logits = net(x[None])[0]
        order = logits.argsort(descending=True).tolist()
        asked = order[0] if predicted else FIXED
        versus = next(c for c in order if c != asked)
        case = {"picture": picture, "class": asked, "versus": versus, "predicted": predicted}

        def written(method, layer, numbers, digits):
            rows = None if numbers is None else [[round(v, digits) for v in row] for row in numbers.tolist()]
            return {**case, "method": method, "layer": layer, "map": rows}

        exact = list(layer_maps(name, Recorder(name, net), x, asked, versus))
        net.float()
        rough = layer_maps(name, Recorder(name, net), x.float(), asked, versus)
        for (method, layer, a), (_, _, b) in zip(exact, rough, strict=True):
            agree = a is b is None or (a is not None and b is not None and (a - b).abs().max() < 1e-4)
            assert agree, f"{name}, picture {picture}: {method} at {layer} differs between f32 and f64"
            yield written(method, layer, a, 5)
        net.double()
        yield written("integrated-gradients", None, integrated_gradients(net, grey, asked), 6)
        yield written("occlusion", None, occlusion(net, grey, asked), 6)


if __name__ == "__main__":
    found = {name: list(cases(name)) for name in make.NETWORKS}
    lines = (f"{json.dumps(name)}:[\n" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in of) + "]" for name, of in found.items())
    (HERE / "explain.json").write_text("{" + ",\n".join(lines) + "}\n")
    print({name: len(of) for name, of in found.items()}, "maps,", sum(c["map"] is None for of in found.values() for c in of), "of them zero")
