"""OrderWorkflow through five releases: how a change is made unsafely, then with a patch, to its end.

v1 takes the payment. v2 validates before it, unguarded. v3 guards that by `workflow.patched`,
v4 by `workflow.deprecate_patch`, and v5 is v2's code again, now that nothing needs the patch.
"""
