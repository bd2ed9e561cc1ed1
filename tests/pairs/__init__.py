"""Old and new workflow code in pairs: what replaykit and the plain loop report for each change."""
