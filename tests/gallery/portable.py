"""A data converter whose failures read the same wherever they were recorded."""

from __future__ import annotations

import dataclasses
import os
import sysconfig
from pathlib import Path

from temporalio.api.failure.v1 import Failure
from temporalio.converter import DataConverter, DefaultFailureConverter, PayloadConverter

__all__ = ["PORTABLE_CONVERTER"]

_PREFIXES = tuple(
    f"{folder}{os.sep}"
    for folder in (sysconfig.get_path("purelib"), sysconfig.get_path("stdlib"), Path(__file__).parents[2])
)


class PortableFailureConverter(DefaultFailureConverter):
    """Stack traces without the folders that this machine keeps its code in."""

    def to_failure(
        self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure
    ) -> None:
        super().to_failure(exception, payload_converter, failure)
        for prefix in _PREFIXES:
            failure.stack_trace = failure.stack_trace.replace(prefix, "")


PORTABLE_CONVERTER = dataclasses.replace(
    DataConverter.default, failure_converter_class=PortableFailureConverter
)
