"""Joint layouts, sequences of skeletons, and the steps that bring them into one form."""
