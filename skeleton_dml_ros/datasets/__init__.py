"""Readers for recordings, and a synthetic actor for those who have none."""
