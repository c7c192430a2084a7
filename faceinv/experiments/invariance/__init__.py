"""The second study: how invariant the reading is."""
