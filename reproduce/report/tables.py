"""Every table, by the name that pages and report use."""

from __future__ import annotations

from collections.abc import Callable

from reproduce.beyond import camera
from reproduce.report import (
    benchmark_tables,
    beyond_tables,
    context_tables,
    metric_tables,
    paper_tables,
    published_tables,
    search_tables,
    tied_tables,
    training_tables,
)
from reproduce.robustness import own_images, robustness_tables
from reproduce.signs import sign_tables
from reproduce.table import Result, Table

Maker = Callable[[list[Result]], Table]
# What the report shows, in its order.
TABLES: dict[str, Maker] = {
    "table1": paper_tables.table_1,
    "table2": paper_tables.table_2,
    "table3": paper_tables.table_3,
    "alphabets": paper_tables.alphabets,
    "ablations": training_tables.ablations,
    "budgets": training_tables.budgets,
    "batches": training_tables.batches,
    "batches-105": training_tables.batches_105,
    "batches-gpu": training_tables.batches_gpu,
    "runs": training_tables.runs,
    "search-reduced": search_tables.search("reduced-batch-16"),
    "search-dense": search_tables.search("dense-batch-16"),
    "costs": training_tables.costs,
    "beyond": beyond_tables.beyond,
    "beyond-runs": beyond_tables.beyond_runs,
    "by-shots": beyond_tables.by_shots,
    "by-alphabet": beyond_tables.by_alphabet,
    "tried": beyond_tables.tried,
    "tried-folds": beyond_tables.tried_folds,
    "shipped": beyond_tables.shipped,
    "shipped-headline": beyond_tables.shipped_headline,
    "shipped-signs": sign_tables.shipped,
    "signs-sources": sign_tables.sources,
    "addons-steps": benchmark_tables.addons_steps,
    "addons-distortions": benchmark_tables.addons_distortions,
}
# What pages show, by the names in their marks.
PAGE_TABLES: dict[str, Maker] = {
    **TABLES,
    "headline": paper_tables.headline,
    "context": context_tables.table,
    "camera": lambda results: camera.table(camera.load()),
    "own-images": own_images.table,
    "benchmarks": benchmark_tables.benchmarks,
    "latency": benchmark_tables.latency,
    "support-images": benchmark_tables.support_images,
    "start": benchmark_tables.start,
    "backends": benchmark_tables.backends,
    "koch-step": benchmark_tables.koch_step,
    "loss-times": benchmark_tables.loss_times,
    "loss-memory": benchmark_tables.loss_memory,
    "index": benchmark_tables.index,
    "published-official": published_tables.official,
    "published-within": published_tables.within,
    "published-across": published_tables.across,
    "published-vinyals": published_tables.vinyals,
    "robustness-compositions": lambda results: robustness_tables.compositions(),
    "robustness-factors": lambda results: robustness_tables.factors(),
    "robustness-domains": lambda results: robustness_tables.domains(),
    "robustness-sources": lambda results: robustness_tables.sources(),
    "metric-learning": metric_tables.scores("one_shot"),
    "metric-learning-others": metric_tables.scores("recall_at_1", "equal_error_rate"),
    "tied-gradients": tied_tables.gradients,
    "tied-copies": tied_tables.copies,
    "tied-ways": tied_tables.ways,
    "tied-forms": tied_tables.forms,
    "tied-benefit": tied_tables.benefit_glyphs,
    "tied-omniglot": tied_tables.benefit_omniglot,
}
