"""Tagora's words as code: records, configuration, clock, errors, threads, rules. Pure; imports nothing of ours."""
