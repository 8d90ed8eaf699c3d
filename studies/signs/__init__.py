"""The network for signs in general: its packages, its domains, its training.

`python -m studies.signs` fetches the packages, renders what is trained and scored on, trains the
network and writes its weights and card.
"""
