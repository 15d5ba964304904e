"""A campaign's own look: what a folder beside config.yaml replaces."""
