"""Networks: architectures, training, pretraining and published weights."""
