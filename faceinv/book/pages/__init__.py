"""What pages include from a run: provenance, summaries, build times, citation."""
