"""The trainings of the tables at 35x35, on a budget that two cores can pay.

Command: python reproduce/run_paper.py

Rates, momentum and L2 are the best of a search of 21 trials of at most 60,000 pairs each (4 ended
by themselves, 17 were pruned), 47.5 % of the 320 validation trials, 26 minutes on 2 cores of an
AMD EPYC (Zen 3) that were shared with other work:
    python reproduce/search.py --minutes 26 --set epochs=4 --set ramp_epochs=2
The best trial was one of its starting points; no layer-wise trial was better. All trials are in
reproduce/results/search-reduced-35.json.

Deviations, all for the budget: half of `reduced_encoder`'s filters in the first two convolutions
and half of its units (twice as many pairs a second), He's initial weights (the paper's cost the
first 100,000 pairs), and 16 epochs of 15,000 pairs in place of up to 200 whole tables.
"""

from reproduce.configs.paper import CONFIG as PAPER

CONFIG = PAPER.override(
    name="budget-35-30k-x8",
    size=35,
    encoder="reduced",
    encoder_options={"filters": [32, 64, 128, 256], "units": 2048},
    initializer="he",
    learning_rates=0.1,
    momenta=0.7,
    l2=0.0005,
    ramp_epochs=4,
    epoch_pairs=15_000,
    epochs=16,
    patience=16,
)
