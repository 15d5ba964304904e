"""Measurements of speed and memory, each against something that stands beside it: `python -m benchmarks --help`."""
