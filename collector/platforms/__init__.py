"""One folder a network: `config.py` what can be set, `client.py` the only importer of its SDK, `mapping.py` pure."""
