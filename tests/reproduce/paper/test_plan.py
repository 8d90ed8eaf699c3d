"""The plan of the trainings that fill the tables."""

import pytest

from reproduce.paper.paper_network import build_network
from reproduce.paper.plan import ABLATIONS, GPU_EPOCHS, gpu_config, planned_jobs
from reproduce.paper.presets import PRESETS
from reproduce.published import TABLE_1

CELLS_OF_TABLE_1 = {
    "30k": (30_000, 0),
    "30k x8": (30_000, 8),
    "90k": (90_000, 0),
    "90k x8": (90_000, 8),
    "150k": (150_000, 0),
    "150k x8": (150_000, 8),
}


@pytest.mark.parametrize("size", [35, 105])
def test_table_1_has_the_papers_six_cells(size):
    jobs = planned_jobs(size=size, table="1")
    trained = {
        name: (job.config.num_pairs, job.config.num_distortions)
        for job in jobs
        for table, name in job.cells
        if table == "1"
    }
    assert trained == CELLS_OF_TABLE_1
    assert set(trained) == set(TABLE_1)
    assert all(job.config.size == size for job in jobs)


def test_a_gpu_has_a_run_for_each_cell():
    runs = {cell: gpu_config(cell) for cell in GPU_EPOCHS}
    assert set(runs) == {*CELLS_OF_TABLE_1, "dense"}
    for cell, config in runs.items():
        pairs = CELLS_OF_TABLE_1["150k x8" if cell == "dense" else cell]
        assert (config.num_pairs, config.num_distortions) == pairs
        assert (config.size, config.encoder) == (105, "dense" if cell == "dense" else "koch")
        assert config.patience == config.epochs
        # The last epoch has an eighth of the first one's rates.
        assert (1 - config.decay) ** (config.epochs - 1) == pytest.approx(1 / 8, rel=1e-3)
    assert gpu_config("30k-x8") == runs["30k x8"]
    assert runs["30k"].with_length(1).epochs == 1
    with pytest.raises(ValueError, match="--cell must be one of .*150k x8.*Received: 40k"):
        gpu_config("40k")


def test_tables_2_and_3_use_the_training_on_the_most_pairs():
    names = [job.name for job in planned_jobs(table="2")]
    assert names == ["long-35-150k-x8-seed0", "grid-35-dense-seed0"]
    assert [job.name for job in planned_jobs(table="3")] == names[:1]


def test_the_role_is_what_a_run_is_for_and_no_setting_of_it():
    assert {job.config.role for job in planned_jobs()} == {"table"}
    assert {job.config.role for job in planned_jobs(table="ablations")} == {"ablation"}
    for config in PRESETS.values():
        # What a run's state is compared with: one saved before there were roles still resumes.
        assert config.settings() == config.override(role="choice").settings()
        assert set(vars(config)) - set(config.settings()) == {"role"}
    with pytest.raises(ValueError, match="`role` must be one of .*'tables'"):
        PRESETS["quick"].override(role="tables")


def test_the_shorter_trainings_differ_from_the_longest_in_their_length_alone():
    whole = PRESETS["grid"]
    jobs = planned_jobs(table="lengths")
    assert {job.config.role for job in jobs} == {"length"}
    for config in (*(job.config for job in jobs), whole):
        # The rates end at an eighth, and the momentum has risen by the middle.
        assert (1 - config.decay) ** config.epochs == pytest.approx(1 / 8, rel=0.02)
        assert config.ramp_epochs <= config.epochs / 2
        assert config.patience == config.epochs
        changed = {"name", "role", "epochs", "patience", "ramp_epochs", "decay"}
        for name in set(vars(config)) - changed:
            assert getattr(config, name) == getattr(whole, name)


def test_no_training_of_a_plan_has_the_name_of_another():
    jobs = planned_jobs(seeds=3) + planned_jobs(table="ablations", seeds=3) + planned_jobs(size=105)
    jobs += planned_jobs(table="lengths", seeds=3)
    assert len({job.name for job in jobs}) == len(jobs)


def test_every_cell_gets_its_first_seed_before_any_gets_its_second():
    seeds = [job.config.seed for job in planned_jobs(seeds=2)]
    assert seeds == sorted(seeds)
    assert set(seeds) == {0, 1}


@pytest.mark.parametrize("name", ["30k x8", "30k-x8"])
def test_a_cell_is_named_with_space_or_hyphen(name):
    (job,) = planned_jobs(cell=name)
    assert (job.config.num_pairs, job.config.num_distortions) == (30_000, 8)


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"size": 70}, r"--size must be one of \[35, 105\]"),
        ({"table": "4"}, "--table must be one of .*'3', 'lengths', 'ablations'"),
        ({"cell": "60k"}, r"--cell must be one of \['150k x8'"),
        ({"seeds": 0}, "--seeds must be at least 1"),
        ({"size": 105, "table": "3"}, "--size must be 35 for --table 3. Received: 105"),
        ({"size": 105, "table": "lengths"}, "--size must be 35 for --table lengths. Received: 105"),
    ],
)
def test_a_choice_that_does_not_exist_is_an_error(choice, message):
    with pytest.raises(ValueError, match=message):
        planned_jobs(**choice)


def test_every_ablation_changes_what_it_says_and_sees_as_many_pairs():
    jobs = planned_jobs(table="ablations")
    base = jobs[0].config
    assert [job.score_test for job in jobs] == [False] * len(ABLATIONS)
    for job, ablation in zip(jobs, ABLATIONS, strict=True):
        differing = {
            key
            for key in vars(base)
            if key != "name" and getattr(job.config, key) != getattr(base, key)
        }
        assert differing == set(ablation.changes)
        assert (job.config.epochs, job.config.epoch_pairs) == (base.epochs, base.epoch_pairs)


@pytest.mark.slow
@pytest.mark.parametrize("table", [None, "ablations"])
def test_every_training_of_the_plan_can_be_built(table):
    for job in planned_jobs(table=table):
        model = build_network(job.config)
        # Names that match no layer, or a layer without a rate, would be an error here.
        model.optimizer.build(model.trainable_variables)
