"""From clips to unit vectors: the network, the model folder, the inference engines."""
