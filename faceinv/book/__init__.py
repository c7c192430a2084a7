"""The book: chapters executed, pages written, HTML built."""
