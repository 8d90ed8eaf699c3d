"""The losses once more, written with loops in float64, from the equations of their papers."""

import itertools

import numpy as np


def distance(name, a, b):
    """One distance of two vectors."""
    if name == "cosine":
        return 1 - a @ b / (np.linalg.norm(a) * np.linalg.norm(b))
    if name == "l1":
        return np.abs(a - b).sum()
    squared = ((a - b) ** 2).sum()
    return squared if name == "squared_euclidean" else np.sqrt(squared)


def cosine(a, b):
    return 1 - distance("cosine", a, b)


def positives(labels, i):
    return [j for j in range(len(labels)) if j != i and labels[j] == labels[i]]


def negatives(labels, i):
    return [j for j in range(len(labels)) if labels[j] != labels[i]]


def mean_of_nonzero(values):
    return np.mean([value for value in values if value > 0] or [0.0])


def contrastive(labels, x, margin=1.0, name="euclidean"):
    same, different = [], []
    for i, j in itertools.permutations(range(len(labels)), 2):
        d = distance(name, x[i], x[j])
        if labels[i] == labels[j]:
            same.append(d**2)
        else:
            different.append(max(0.0, margin - d) ** 2)
    return mean_of_nonzero(same) + mean_of_nonzero(different)


def triplet(labels, x, mining="semi-hard", margin=0.2, name="euclidean"):
    def cost(ap, an):
        return np.log1p(np.exp(ap - an)) if margin == "soft" else max(0.0, ap - an + margin)

    costs = []
    for i in range(len(labels)):
        near = [distance(name, x[i], x[p]) for p in positives(labels, i)]
        far = [distance(name, x[i], x[n]) for n in negatives(labels, i)]
        if mining == "all":
            costs += [cost(ap, an) for ap in near for an in far]
        elif mining == "hard" and near:
            costs.append(cost(max(near), min(far)))
        elif mining == "semi-hard":
            for ap in near:
                farther = [an for an in far if an > ap]
                costs.append(cost(ap, min(farther) if farther else max(far)))
    return mean_of_nonzero(costs) if mining == "all" else np.mean(costs)


def n_pairs(labels, x):
    pairs = []
    for label in dict.fromkeys(labels.tolist()):
        places = np.flatnonzero(labels == label)
        if len(places) > 1:
            pairs.append(places[:2])
    costs = []
    for i, (anchor, own) in enumerate(pairs):
        others = [p for j, (_, p) in enumerate(pairs) if j != i]
        costs.append(
            np.log1p(sum(np.exp(x[anchor] @ x[other] - x[anchor] @ x[own]) for other in others))
        )
    return np.mean(costs)


def multi_similarity(labels, x, alpha=2.0, beta=50.0, base=0.5, epsilon=0.1):
    costs = []
    for i in range(len(labels)):
        near = [cosine(x[i], x[p]) for p in positives(labels, i)]
        far = [cosine(x[i], x[n]) for n in negatives(labels, i)]
        if epsilon is not None:
            keep_near = [s for s in near if far and s < max(far) + epsilon]
            keep_far = [s for s in far if near and s > min(near) - epsilon]
            near, far = keep_near, keep_far
        pull = np.log1p(sum(np.exp(-alpha * (s - base)) for s in near)) / alpha
        push = np.log1p(sum(np.exp(beta * (s - base)) for s in far)) / beta
        costs.append(pull + push)
    return np.mean(costs)


def supervised_contrastive(labels, x, temperature=0.1, name="cosine"):
    costs = []
    for i in range(len(labels)):
        weights = {
            j: np.exp(-distance(name, x[i], x[j]) / temperature)
            for j in range(len(labels))
            if j != i
        }
        chances = [weights[p] / sum(weights.values()) for p in positives(labels, i)]
        if chances:
            costs.append(-np.mean(np.log(chances)))
    return np.mean(costs)


def soft_nearest_neighbor(labels, x, temperature=1.0, name="squared_euclidean"):
    costs = []
    for i in range(len(labels)):
        weights = {
            j: np.exp(-distance(name, x[i], x[j]) / temperature)
            for j in range(len(labels))
            if j != i
        }
        own = sum(weights[p] for p in positives(labels, i))
        if own:
            costs.append(-np.log(own / sum(weights.values())))
    return np.mean(costs)


def circle(labels, x, margin=0.4, scale=80.0, fixed=None):
    """`fixed` are the embeddings that the weights are taken from, which have no gradient."""
    fixed = x if fixed is None else fixed
    costs = []
    for i in range(len(labels)):
        pull = push = 0.0
        for p in positives(labels, i):
            weight = max(0.0, 1 + margin - cosine(fixed[i], fixed[p]))
            pull += np.exp(-scale * weight * (cosine(x[i], x[p]) - (1 - margin)))
        for n in negatives(labels, i):
            weight = max(0.0, cosine(fixed[i], fixed[n]) + margin)
            push += np.exp(scale * weight * (cosine(x[i], x[n]) - margin))
        if pull and push:
            costs.append(np.log1p(pull * push))
    return np.mean(costs)


def arcface(labels, similarities, margin=0.5, scale=64.0):
    costs = []
    for label, row in zip(labels, similarities, strict=True):
        logits = scale * row
        angle = np.arccos(row[label])
        logits[label] = scale * (
            np.cos(angle + margin)
            if angle <= np.pi - margin
            else row[label] - margin * np.sin(margin)
        )
        highest = logits.max()
        costs.append(np.log(np.exp(logits - highest).sum()) + highest - logits[label])
    return np.mean(costs)


def proxy_anchor(labels, similarities, margin=0.1, scale=32.0):
    pull, push = [], []
    for column in range(similarities.shape[1]):
        own = similarities[labels == column, column]
        if len(own):
            pull.append(np.log1p(np.exp(-scale * (own - margin)).sum()))
        others = similarities[labels != column, column]
        push.append(np.log1p(np.exp(scale * (others + margin)).sum()))
    return np.mean(pull) + np.mean(push)


def slope(function, x, step=1e-6):
    """The gradient by central differences."""
    gradient = np.zeros_like(x)
    for place in np.ndindex(*x.shape):
        moved = np.zeros_like(x)
        moved[place] = step
        gradient[place] = (function(x + moved) - function(x - moved)) / (2 * step)
    return gradient
