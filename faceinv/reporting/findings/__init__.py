"""What the chapters found, in sentences that are computed from their tables."""
