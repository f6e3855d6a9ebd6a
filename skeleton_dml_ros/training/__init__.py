"""Deep metric learning: from recordings to a model folder."""
