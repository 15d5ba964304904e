"""The command line and the wiring: the one place that puts the parts together."""
