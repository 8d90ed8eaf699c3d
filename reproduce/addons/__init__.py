"""How far tensorflow-addons and this package agree, and runs that use its optimizer."""
