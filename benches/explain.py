"""Grad-CAM of pytorch-grad-cam on the CPU, beside `benches/explain.rs`.

    pip install torch safetensors grad-cam
    MIEN_BENCH_WEIGHTS=weights.safetensors cargo bench --no-default-features --bench explain -- grad_cam_of_32
    python benches/explain.py weights.safetensors --threads 2 --repetitions 20

The network is `gimefive` at its full size, the layer `relu5`, the batch 32: the same weights and pictures as the bench
has, the predicted class, the library's defaults. Milliseconds and images/s, fastest and median of the repetitions.
"""

import argparse
import statistics
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from pytorch_grad_cam import GradCAM
from safetensors.torch import load_file

MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)


class GiMeFive(nn.Module):
    def __init__(self):
        super().__init__()
        channels = [3, 64, 128, 256, 512, 1024]
        for i in range(1, 6):
            setattr(self, f"conv{i}", nn.Conv2d(channels[i - 1], channels[i], 3, padding=1))
            setattr(self, f"bn{i}", nn.BatchNorm2d(channels[i]))
        self.relu5 = nn.ReLU()
        self.fc1, self.fc2, self.fc3 = nn.Linear(1024, 2048), nn.Linear(2048, 1024), nn.Linear(1024, 6)

    def forward(self, x):
        for i in range(1, 6):
            x = getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(x))
            x = F.max_pool2d(self.relu5(x) if i == 5 else F.relu(x), 2)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x.mean((2, 3)))))))


def pictures(count):
    p = np.arange(64 * 64)
    pixels = [((p * (7919 + 2 * i)) ^ (p >> 5)).astype(np.uint8).reshape(1, 64, 64) for i in range(count)]
    return (torch.from_numpy(np.stack(pixels)).float() / 255 - MEAN) / STD


def measure(name, count, repetitions, work):
    for _ in range(2):
        work()
    seconds = []
    for _ in range(repetitions):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    for word, value in [("fastest", min(seconds)), ("median", statistics.median(seconds))]:
        print(f"{name:<16} {word:<8} {1000 * value:8.1f} ms {count / value:8.1f} images/s", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("weights")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repetitions", type=int, default=20)
    parser.add_argument("--batch", type=int, default=32)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)

    network = GiMeFive()
    network.load_state_dict(load_file(arguments.weights))
    network.eval()
    x = pictures(arguments.batch)
    cam = GradCAM(model=network, target_layers=[network.relu5])

    def forward():
        with torch.no_grad():
            network(x)

    measure("forward", arguments.batch, arguments.repetitions, forward)
    measure("grad-cam", arguments.batch, arguments.repetitions, lambda: cam(input_tensor=x, targets=None))
    one = x[:1]
    measure("grad-cam of one", 1, arguments.repetitions, lambda: cam(input_tensor=one, targets=None))


if __name__ == "__main__":
    main()
