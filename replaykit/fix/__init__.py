"""A change → the guard that lets running workflows survive it: found in what differs, and tried."""
