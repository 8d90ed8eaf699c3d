"""How well networks do on photographs, scans and screenshots, and on signs of other kinds."""
