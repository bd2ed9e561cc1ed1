"""One module for each kind of command: the code that recorded a History, and changes to it.

The line that a Verdict is to name ends with a comment that marks it; in a module of its own, or outside the
class, the comment also names the class. No module here imports more than temporalio's workflow API.
"""
