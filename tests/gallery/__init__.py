"""One module per building block of Temporal: workflows, activities, and the Scenarios that record them.

`python -m tests.gallery.record` runs every Scenario on a real service and writes its fixtures.
"""
