"""Parts of pages that come from a run: provenance, summaries, build times, citation."""
