"""How well it recognises: one-shot and stream protocols."""
