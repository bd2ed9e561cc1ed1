"""Values for workflow code, made from type hints and from what the user gives in their place."""
