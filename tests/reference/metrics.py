"""Writes metrics.json: pictures' probabilities, and the metrics of other people's code for them.

    pip install scikit-learn==1.9.1 && python tests/reference/metrics.py

The ECE follows Guo et al. (arXiv 1706.04599), in plain NumPy; intervals are 20,000 bootstrap resamples of NumPy's generator.
"""

import json
import pathlib

import numpy as np
from sklearn.metrics import (
    accuracy_score, balanced_accuracy_score, brier_score_loss, confusion_matrix, f1_score, log_loss,
    precision_recall_fscore_support,
)

CLASSES = list(range(6))
generator = np.random.default_rng(7)


def pictures(count, shares, sharpness, never=()):
    """Labels drawn by `shares`, float32 softmax probabilities that favour the truth by `sharpness`."""
    labels = generator.choice(6, size=count, p=shares)
    logits = generator.normal(size=(count, 6))
    logits[np.arange(count), labels] += sharpness
    for column in never:
        logits[:, column] -= 30
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (exponentials / exponentials.sum(axis=1, keepdims=True)).astype(np.float32), labels


def expected_calibration_error(probabilities, labels, bins=15):
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == labels
    edges = np.linspace(0, 1, bins + 1)
    error = 0.0
    for low, high in zip(edges[:-1], edges[1:]):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            error += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    return float(error)


def intervals(predictions, labels, resamples=20_000):
    """Percentile intervals; the metrics of a resample from its confusion counts, as scikit-learn defines them."""
    count = len(labels)
    cells = labels * 6 + predictions
    values = np.empty((resamples, 3))
    with np.errstate(invalid="ignore", divide="ignore"):
        for i in range(resamples):
            drawn = np.bincount(cells[generator.integers(0, count, count)], minlength=36).reshape(6, 6)
            hits, truth, predicted = np.diag(drawn), drawn.sum(axis=1), drawn.sum(axis=0)
            values[i] = (
                hits.sum() / count,
                np.nanmean(hits / truth),
                np.nanmean(2 * hits / (truth + predicted)),
            )
    return np.percentile(values, [2.5, 97.5], axis=0).T.tolist()


def numbers(values):
    return [None if np.isnan(value) else float(value) for value in values]


def case(name, probabilities, labels):
    predictions = probabilities.argmax(axis=1)
    precision, recall, f1, support = precision_recall_fscore_support(
        labels, predictions, labels=CLASSES, zero_division=np.nan
    )
    accuracy, balanced, macro = intervals(predictions, labels)
    return {
        "name": name,
        "probabilities": [[float(str(p)) for p in row] for row in probabilities],
        "labels": labels.tolist(),
        "accuracy": accuracy_score(labels, predictions),
        "balanced_accuracy": balanced_accuracy_score(labels, predictions),
        "macro_f1": f1_score(labels, predictions, average="macro"),
        "precision": numbers(precision),
        "recall": numbers(recall),
        "f1": numbers(f1),
        "support": support.tolist(),
        "confusion": confusion_matrix(labels, predictions, labels=CLASSES).tolist(),
        "ece": expected_calibration_error(probabilities, labels),
        "nll": float(log_loss(labels, probabilities, labels=CLASSES)),
        "brier": float(brier_score_loss(labels, probabilities, labels=CLASSES, scale_by_half=False)),
        "accuracy_interval": accuracy,
        "balanced_accuracy_interval": balanced,
        "macro_f1_interval": macro,
    }


cases = [
    case("six classes, unequal", *pictures(300, [0.45, 0.15, 0.15, 0.1, 0.08, 0.07], 2.0)),
    case("fear absent but predicted, disgust never predicted", *pictures(120, [0.3, 0.2, 0.2, 0.2, 0.1, 0], 1.5, [4])),
    case("only anger and fear, all else neither", *pictures(60, [0, 0, 0, 0.5, 0, 0.5], 4.0, [0, 1, 2, 4])),
]
text = json.dumps({"cases": cases}, separators=(",", ":"))
pathlib.Path(__file__).with_suffix(".json").write_text(text + "\n")
