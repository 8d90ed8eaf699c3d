"""Whether metric learning pays: every loss and head on the same budget, on three problems.

`python -m studies.metric_learning` trains them and writes one result file a problem.
"""
