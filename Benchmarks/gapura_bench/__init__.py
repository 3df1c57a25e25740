"""Measures Gapura beside its peers, in one run."""
