"""The moderators' application: pages that work without scripts, and the JSON API that they and others use."""
