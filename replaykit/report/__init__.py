"""Shows Reports: one Reporter protocol, one table. Nothing here judges."""
