"""Code that does what no code should do to its process, and what each door makes of it."""
