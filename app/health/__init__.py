"""How everything fares: what is looked at (facts), what of it is a trouble (find), in which words (words), and who was
told of it (ledger, telling)."""
