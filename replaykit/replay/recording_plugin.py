"""The plugin that has a Replayer record: it wraps runners and converter after the worker's own plugins."""

from __future__ import annotations

from collections.abc import Callable

from temporalio.converter import DataConverter
from temporalio.worker import ReplayerConfig, WorkflowRunner

from replaykit.replay.converting import guarded
from replaykit.replay.recorder import Recorder, RecordingRunner
from replaykit.replay.sdk.replayer import relaxed_for_debugger
from replaykit.replay.wrapping import WrappingPlugin

__all__ = ["RecordingPlugin"]


class RecordingPlugin(WrappingPlugin):
    """Wraps the runners that the worker's own plugins have left: it stands last in their row.

    Args:
        recorder: What the runners write to.
        deadlock_s: How long the code may run without a pause, in seconds; None for no limit.
        debug: Whether the code may stop in a debugger.
        on_converter: Given the worker's data converter, as its plugins left it.
    """

    def __init__(
        self,
        recorder: Recorder,
        deadlock_s: float | None,
        *,
        debug: bool,
        on_converter: Callable[[DataConverter], None],
    ) -> None:
        self._recorder = recorder
        self._on_converter = on_converter
        self._deadlock_s = deadlock_s
        self._debug = debug

    def configure_replayer(self, config: ReplayerConfig) -> ReplayerConfig:
        self._on_converter(config.get("data_converter") or DataConverter.default)
        converter = config.get("data_converter") or DataConverter.default
        self._recorder.converts_with(converter)
        recorder = self._recorder
        config["data_converter"] = guarded(
            converter, keep=recorder.note_raised, on_error=recorder.note_converter_error
        )
        return super().configure_replayer(config)

    def wrapped(self, runner: WorkflowRunner) -> RecordingRunner:
        inner = relaxed_for_debugger(runner) if self._debug else runner
        return RecordingRunner(inner, self._recorder, deadlock_timeout_s=self._deadlock_s)
