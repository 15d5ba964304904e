"""Asks the networks: contract and registry of platforms, runs, windows, budgets, coverage."""
