"""Benchmarks: ratios against the SDK's own loop in the same run. The tests only see that they still run.

`python -m tests.benchmarks` runs them. A new one is a module with a `run(rounds)` and a line in `__main__`.
"""
