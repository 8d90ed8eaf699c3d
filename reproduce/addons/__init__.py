"""How far tensorflow-addons and this package agree, and trainings that use its optimizer."""
