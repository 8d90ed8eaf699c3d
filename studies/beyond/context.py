"""`omniglot` with the candidates as context: train the head, compare it on validation, score it.

python -m studies.beyond.context               train, and compare on the validation alphabets
python -m studies.beyond.context --test        also score Lake's alphabets, once per seed

The encoder is that of the network that ships, and stays as it is. docs/beyond.md reports the scores
apart from those of siamese networks, which compare two images.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from reproduce import script
from reproduce.results import RUNS
from studies import RESULTS

FOLDER = RESULTS / "beyond" / "context"
# Trials of the validation alphabets that compare settings; the seed is not that of the scores.
VALIDATION_EPISODES, VALIDATION_SEED = 400, 11


def main(
    seed: Annotated[
        list[int] | None, typer.Option(help="Seed of weights and episodes; several train in turn.")
    ] = None,
    set_: script.Settings = None,
    data: script.DataFolder = None,
    test: Annotated[
        bool, typer.Option("--test", help="Also score the test alphabets; once per seed.")
    ] = False,
    results: Annotated[
        Path | None, typer.Option(help="Folder for result files; else a folder in --runs.")
    ] = None,
    runs: Annotated[Path, typer.Option(help="Folder of results without --results.")] = RUNS,
) -> None:
    """Train a head that sees all candidates of a trial, and compare it with the plain network."""
    with script.errors_told("context"):
        from reproduce.results import parse_settings

        for result in run(
            seeds=seed or [0], settings=parse_settings(set_ or []), data=data, test=test,
            folder=results or runs / "results",
        ):  # fmt: skip
            told = {"validation": result["validation"], **result.get("compared", {})}
            for what, compared in told.items():
                print(f"seed {result['seed']}, {what}, {compared['n']} trials: ", end="")
                print(f"{compared['value']:.2%}")
                for name in ("plain", "shipped"):
                    one = compared[name]
                    print(
                        f"  {name} {one['value']:.2%}: {one['gained']} gained, {one['lost']} lost"
                    )


def run(
    *, seeds: list[int], settings: dict[str, Any], data: Path | None, test: bool, folder: Path
) -> Iterator[dict[str, Any]]:
    """Train and compare one head per seed; write each result, and yield it.

    All images are encoded once, after the checks. Their distortions are the same for all seeds.

    Raises:
        ValueError: If there is no such setting, or a value does not fit.
        OSError: If a result cannot be written, or data is missing.
    """
    from keras_siamese.data import load_omniglot, sample_episodes
    from keras_siamese.data.splits import evaluation_parts
    from keras_siamese.models import twin_encoder, twin_head
    from keras_siamese.models.mirrored import without_mirroring
    from keras_siamese.pretrained import load_pretrained, pretrained_card
    from reproduce import provenance
    from reproduce.results import check_result_writable, settings_mark, write
    from studies.beyond.context_head import ContextHead
    from studies.beyond.context_training import (
        ContextConfig,
        all_logits,
        draw_batches,
        encode_turned,
        encode_views,
        train_head,
    )

    unknown = sorted(set(settings) - {item.name for item in fields(ContextConfig)})
    if unknown:
        known = ", ".join(item.name for item in fields(ContextConfig))
        raise ValueError(
            f"A setting must be one of {known}. Received: {', '.join(unknown)}. Choose from that "
            "list."
        )
    config = replace(ContextConfig(), **settings)
    paths = {seed: folder / f"context{settings_mark(settings)}-seed{seed}.json" for seed in seeds}
    for path in paths.values():
        check_result_writable(path)
    origin = provenance.origin()
    card, network = pretrained_card(), without_mirroring(load_pretrained())
    size, encoder = card["image_size"], twin_encoder(network)
    heads = {
        seed: ContextHead(
            twin_head(network).get_weights()[0][:, 0], maps=config.maps, units=config.units,
            dropout=config.dropout, context=config.context, seed=seed,
        )
        for seed in seeds
    }  # fmt: skip
    background = load_omniglot("background", data_dir=data, size=size)
    views = encode_views(encoder, background, config.views, seed=0)
    evaluation = load_omniglot("evaluation", data_dir=data, size=size)
    validation, _ = evaluation_parts(evaluation)
    episodes = sample_episodes(validation, num_episodes=VALIDATION_EPISODES, seed=VALIDATION_SEED)
    turned = encode_turned(encoder, validation.images)
    tests = named_test_episodes(encoder, evaluation, data) if test else []
    for seed, path in paths.items():
        head = heads[seed]
        history = train_head(head, draw_batches(background, views, config, seed=seed), config)
        result: dict[str, Any] = {
            "recipe": {
                "name": "context" if config.context else "head without context",
                "config": asdict(config),
            },
            "encoder": {"network": card["name"], "sha256": card["sha256"]},
            "seed": seed,
            "validation": compare_with_context(all_logits(head, turned, episodes), episodes),
            "training": {"steps": config.steps, "history": history},
            "parameters": head.count_params(),
            **origin,
        }
        if test:
            result |= context_test_scores(head, tests)
        write(path, result)
        yield result


def named_test_episodes(
    encoder: Any, evaluation: Any, data: Path | None
) -> list[tuple[str, Any, Any]]:
    """Return the trials of the test: the official runs, then those within alphabets.

    Args:
        encoder: The encoder of the network that ships, without averaging.
        evaluation: Omniglot's evaluation set, all drawers.
        data: Folder with the data.

    Returns:
        Of each: the cell of its score, the episodes, and their images as of `encode_turned`.
    """
    from keras_siamese.data import official_runs
    from keras_siamese.data.omniglot_protocols import draw_trials
    from studies.beyond.context_training import encode_turned

    official = official_runs(data_dir=data, size=evaluation.image_size[0])
    drawn = draw_trials(evaluation, n_way=20, n_shot=1, protocol="within-alphabet")
    return [
        (cell, episodes, encode_turned(encoder, episodes.images))
        for cell, episodes in (("beyond", official), ("20-way, 1-shot", drawn))
    ]


def compare_with_context(logits: dict[str, np.ndarray], episodes: Any) -> dict[str, Any]:
    """Compare the scores of the same trials by the head and without context.

    Args:
        logits: `(episodes, n_query, n_way)` of each way, as of `all_logits`.
        episodes: The episodes.

    Returns:
        `value` of the head, its `interval`, and `n` trials; of each other way its `value`, how many
        trials are right with the head only (`gained`), and how many without it only (`lost`).
    """
    from keras_siamese.evaluation.episode_scores import right_and_tied, score_episodes

    scored = score_episodes(logits["head"], episodes)
    right = {name: right_and_tied(of, episodes.answers)[0] for name, of in logits.items()}
    after = right.pop("head")
    others = {
        name: {
            "value": float(before.mean()),
            "gained": int((after & ~before).sum()),
            "lost": int((before & ~after).sum()),
        }
        for name, before in right.items()
    }
    return {"value": scored.accuracy, "interval": list(scored.interval), "n": scored.n, **others}


def context_test_scores(head: Any, tests: list[tuple[str, Any, Any]]) -> dict[str, Any]:
    """Score a head whose weights are fixed, once.

    Args:
        head: The head.
        tests: As `named_test_episodes` returns them.

    Returns:
        `scores`, as in other result files, and `compared`, as `compare_with_context` returns it, by
        protocol and part.
    """
    from keras_siamese.evaluation.episode_scores import score_episodes
    from reproduce.paper.scores import one_shot_entry
    from studies.beyond.context_training import all_logits
    from studies.beyond.parts import PARTS, part_of_alphabet, parted

    entries, compared = [], {}
    for cell, episodes, turned in tests:
        logits = all_logits(head, turned, episodes)
        scored = score_episodes(logits["head"], episodes)
        entries += parted([one_shot_entry(scored, None, cell, episodes.images.shape[1])])
        for part in PARTS:
            rows = np.array([part_of_alphabet(name) == part for name in episodes.groups])
            if rows.any():
                of_part = {name: scores[rows] for name, scores in logits.items()}
                compared[f"{episodes.protocol}, {part}"] = compare_with_context(
                    of_part, episodes.select(rows)
                )
    return {"scores": entries, "compared": compared}


if __name__ == "__main__":
    script.run(main)
