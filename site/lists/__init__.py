"""The pages that are lists of threads, planned from cards: one module for each kind of page."""
