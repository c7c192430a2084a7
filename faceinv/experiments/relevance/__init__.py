"""The first study: relevance maps of networks for faces, their validation and generalization."""
