"""`python -m tagora.app` is `tagora`."""

from .cli import main

main()
