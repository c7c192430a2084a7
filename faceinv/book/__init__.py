"""The book: execute chapters, write pages, build HTML."""
