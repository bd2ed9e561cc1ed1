"""Old and new workflow code in pairs: what replaykit says of each change, and what the plain loop says."""
