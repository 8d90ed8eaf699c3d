"""Every table of the pages, by the name in its marks."""

from __future__ import annotations

from reproduce.report import paper_tables
from reproduce.report.tables import TABLES, Maker
from studies.addons import addons_tables
from studies.beyond import beyond_tables, camera, context_tables
from studies.metric_learning import metric_tables
from studies.robustness import own_images, robustness_tables
from studies.signs import sign_tables
from website.tables import benchmark_tables, published_tables, tied_tables

PAGE_TABLES: dict[str, Maker] = {
    **TABLES,
    "beyond": beyond_tables.beyond,
    "beyond-runs": beyond_tables.beyond_runs,
    "context": context_tables.context_table,
    "by-shots": beyond_tables.by_shots,
    "by-alphabet": beyond_tables.by_alphabet,
    "tried": beyond_tables.tried,
    "tried-folds": beyond_tables.tried_folds,
    "shipped": beyond_tables.shipped,
    "shipped-headline": beyond_tables.shipped_headline,
    "shipped-signs": sign_tables.shipped_signs,
    "signs-sources": sign_tables.package_sources,
    "addons-steps": addons_tables.addons_steps,
    "addons-distortions": addons_tables.addons_distortions,
    "headline": paper_tables.headline,
    "camera": lambda results: camera.camera_table(camera.load()),
    "own-images": own_images.own_images_table,
    "benchmarks": benchmark_tables.benchmarks,
    "latency": benchmark_tables.latency,
    "support-images": benchmark_tables.support_images,
    "start": benchmark_tables.start,
    "backends": benchmark_tables.backends,
    "koch-step": benchmark_tables.koch_step,
    "loss-times": benchmark_tables.loss_times,
    "loss-memory": benchmark_tables.loss_memory,
    "index": benchmark_tables.index,
    "published-official": published_tables.official_table,
    "published-within": published_tables.within,
    "published-across": published_tables.across,
    "published-vinyals": published_tables.vinyals,
    "robustness-compositions": lambda results: robustness_tables.compositions(),
    "robustness-factors": lambda results: robustness_tables.factors(),
    "robustness-domains": lambda results: robustness_tables.domains(),
    "robustness-sources": lambda results: robustness_tables.domain_sources(),
    "metric-learning": metric_tables.table_of_measures("one_shot"),
    "metric-learning-others": metric_tables.table_of_measures("recall_at_1", "equal_error_rate"),
    "tied-gradients": tied_tables.layer_gradients,
    "tied-copies": tied_tables.copies,
    "tied-ways": tied_tables.ways,
    "tied-forms": tied_tables.forms,
    "tied-benefit": tied_tables.benefit_glyphs,
    "tied-omniglot": tied_tables.benefit_omniglot,
}
