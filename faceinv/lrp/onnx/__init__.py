"""Networks and their relevance as ONNX graphs, which run without Python."""
