"""Gets a pytest session ready for the replays that its options ask for."""

from __future__ import annotations

import pytest

from replaykit.plugin.options import asked
from replaykit.plugin.replays import REPLAYS, Replays

__all__ = ["start"]


def start(config: pytest.Config) -> None:
    """Find the histories and set up the HTML report; nothing where no option asks for it.

    Raises:
        pytest.UsageError: The options do not go together, there is nothing to replay, or the report cannot be
            written.
    """
    if config.getoption("replay_html") and not hasattr(config, "workerinput"):
        from replaykit.plugin.reports import add_html_report

        add_html_report(config)
    paths = asked(config)
    if not paths:
        if any(map(config.getoption, ("replay_self_test", "replay_require_fixtures", "replay_perturb"))):
            raise pytest.UsageError("no histories are named. Add --replay-histories PATH")
        return
    from replaykit.errors import ReplaykitError
    from replaykit.plugin.collecting import add_to_arguments

    try:
        config.stash[REPLAYS] = Replays(config, paths)
    except ReplaykitError as error:
        raise pytest.UsageError(str(error)) from error
    if config.getoption("replay_histories") or config.args_source is not config.ArgsSource.ARGS:
        add_to_arguments(config, config.stash[REPLAYS])
