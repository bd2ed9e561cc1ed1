"""Workflows that share nothing but a worker: one module per building block."""
