"""Every way sees as many images, and has the encoder's end that suits it."""

import pytest

from keras_siamese import losses, make_glyphs
from keras_siamese.models import twin_encoder
from studies.metric_learning import way_training
from studies.metric_learning.ways import WAYS


@pytest.mark.keras3
def test_every_loss_and_head_of_the_package_takes_part():
    made = {type(way.loss()).__name__ for way in WAYS.values() if way.loss}
    assert made | {"ClassProxies", "CrossBatchMemory"} == set(losses.__all__)
    assert {way.head for way in WAYS.values()} == {"weighted_l1", "euclidean", "cosine"}
    assert len({way.title for way in WAYS.values()}) == len(WAYS)


def test_an_episode_has_as_many_images_as_a_batch():
    config = way_training.episode_config(3, 0.001, 0)
    images = config.n_way * (config.n_shot + 1) * config.episodes_per_step
    assert images == way_training.BATCH
    assert config.weight_decay == 0 and config.distortions is None and config.steps == 3


@pytest.mark.slow
@pytest.mark.keras3
@pytest.mark.parametrize(
    ("name", "activation"), [("pairs-l1", "sigmoid"), ("pairs-cosine", "linear")]
)
def test_only_the_papers_head_has_sigmoid_units(name, activation):
    glyphs = make_glyphs(num_alphabets=1, characters_per_alphabet=16, num_drawers=4, size=16)
    model = way_training.train_way(
        WAYS[name], glyphs, encoder={"filters": [2, 2, 2], "units": 4}, steps=1, rate=0.001, seed=0
    )
    assert twin_encoder(model).get_layer("embedding").activation.__name__ == activation
