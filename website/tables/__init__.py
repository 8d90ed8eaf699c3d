"""The tables that only pages show: benchmarks, what others print, tied weights."""
