"""The only room that touches private names of temporalio; every other one asks for what it needs here.

Private is a name that begins with an underscore, and a member of a class whose name does. Another release of
temporalio may rename each of them, so every function here documents what it answers where its names are
missing: what depends on them is then unknown, and replaykit judges without it. It cannot work without two
things, and raises: the definitions that decorators leave on classes, and the guards against endless replays.

- `definitions.py`: what the decorators leave on classes and functions
- `instance.py`: the SDK's own object of one running workflow
- `replayer.py`: what stands between the SDK's Replayer and Core
- `installed.py`: which temporalio this is, and where it lies
- `decorated.py`: a workflow and an activity, to see what the decorators leave
- `private.py`: every private name that is used, and the error for one that replaykit cannot work without
"""
