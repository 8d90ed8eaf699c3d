"""How far tensorflow-addons and this package agree."""
