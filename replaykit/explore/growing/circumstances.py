"""What a run is started with besides its input, and that its code can read: varied where it does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from temporalio.common import SearchAttributeKey, SearchAttributePair

from replaykit.code.mentions import Mentions
from replaykit.explore.scenario import Failure
from replaykit.explore.values.choosers import Chooser, pick
from replaykit.explore.values.overrides import Values

__all__ = ["Circumstances"]

_RARELY = 4
"""Of so many runs of code that reads such things, one is started differently."""
_MOST_KEYS = 12
_MOST = 30
_LONGEST = 40
_KEY = re.compile(r"[A-Za-z_][\w.-]{0,40}")
_INLINE: Mapping[str, Callable[[str], SearchAttributeKey[Any]]] = {
    "for_keyword": SearchAttributeKey.for_keyword,
    "for_text": SearchAttributeKey.for_text,
    "for_int": SearchAttributeKey.for_int,
    "for_float": SearchAttributeKey.for_float,
    "for_bool": SearchAttributeKey.for_bool,
    "for_datetime": SearchAttributeKey.for_datetime,
    "for_keyword_list": SearchAttributeKey.for_keyword_list,
}
_SCHEDULED: tuple[SearchAttributeKey[Any], ...] = (
    SearchAttributeKey.for_datetime("TemporalScheduledStartTime"),
    SearchAttributeKey.for_keyword("TemporalScheduledById"),
)
"""What a schedule gives each run that it starts."""
_SCHEDULED_NAMES = frozenset(key.name for key in _SCHEDULED)

_Fields = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Circumstances:
    """How a workflow's runs can be started differently."""

    workflow: type
    values: Values
    mentions: Mentions

    def chosen(self, chooser: Chooser) -> _Fields:
        """Fields of an `Opening`; none of them in most runs."""
        chosen = self._always(chooser)
        knobs = list(self._knobs())
        if knobs and chooser.integer(0, _RARELY - 1) == _RARELY - 1:
            chosen |= pick(chooser, knobs)(chooser)
            if chooser.integer(0, 3) == 3:
                chosen = pick(chooser, knobs)(chooser) | chosen
        return chosen

    def _always(self, chooser: Chooser) -> _Fields:
        """What the user has written down: every run has it."""
        values, fields = self.values, _Fields()
        if values.memo:
            fields["memo"] = {key: values.memo_field(key).make(chooser) for key in values.memo}
        if values.search_attributes:
            fields["search_attributes"] = self._pairs(chooser, *values.search_attributes)
        return fields

    def _knobs(self) -> Iterator[Callable[[Chooser], _Fields]]:
        """What its code reads, always in the same order."""
        names = self.mentions.names if "info" in self.mentions.names else frozenset[str]()
        if "attempt" in names or "get_last_failure" in self.mentions.names:
            yield _later_attempt
        if {"parent", "root"} & names:
            yield _as_a_child
        if "cron_schedule" in names:
            yield self._by_cron
        if {"get_last_completion_result", "has_last_completion_result"} & self.mentions.names:
            yield self._after_another
        if "is_continue_as_new_suggested" in names:
            yield _suggested
        if "is_target_worker_deployment_version_changed" in names:
            yield _redeployed
        if {"memo", "memo_value", "raw_memo"} & self.mentions.names and not self.values.memo:
            yield self._memo
        if {"search_attributes", "typed_search_attributes"} & names:
            yield from self._attributes()

    def _by_cron(self, chooser: Chooser) -> _Fields:
        return {"cron": self.values.cron}

    def _after_another(self, chooser: Chooser) -> _Fields:
        return {"last_result": (self.values.last_result(self.workflow).make(chooser),)}

    def _memo(self, chooser: Chooser) -> _Fields:
        """Every text that can be a key is one: which of them is read as one, the source alone shows."""
        return {"memo": {key: self._memo_value(chooser, key) for key in self._keys_in_texts()}}

    def _memo_value(self, chooser: Chooser, key: str) -> Any:
        words = self._words()
        if words and chooser.integer(0, 1) == 1:
            return pick(chooser, words)
        return self.values.memo_field(key).make(chooser)

    def _attributes(self) -> Iterator[Callable[[Chooser], _Fields]]:
        keys = self._keys()
        own = [key for key in keys if key.name not in _SCHEDULED_NAMES]
        if own and not self.values.search_attributes:
            yield lambda chooser: {"search_attributes": self._pairs(chooser, *own)}
        if any(name in self.mentions.texts for name in _SCHEDULED_NAMES) or len(own) < len(keys):
            yield lambda chooser: {"search_attributes": self._pairs(chooser, *_SCHEDULED)}

    def _keys(self) -> list[SearchAttributeKey[Any]]:
        """Those among the globals; of keys that functions make, each text can be the name."""
        found = [value for value in self.mentions.values if isinstance(value, SearchAttributeKey)]
        made = [make for name, make in _INLINE.items() if name in self.mentions.names]
        if "search_attributes" in self.mentions.names:
            made = made or [SearchAttributeKey.for_keyword]
        names = [text for text in self._keys_in_texts() if text not in _SCHEDULED_NAMES]
        found += [make(name) for make in made for name in names]
        return list({key.name: key for key in reversed(found)}.values())[::-1]

    def _keys_in_texts(self) -> list[str]:
        return [text for text in self.mentions.texts if _KEY.fullmatch(text)][:_MOST_KEYS]

    def _words(self) -> list[str]:
        """What the code may compare with: the texts of the functions that read it."""
        return [text for text in self.mentions.texts if len(text) <= _LONGEST and "<locals>" not in text][
            :_MOST
        ]

    def _pairs(
        self, chooser: Chooser, *keys: SearchAttributeKey[Any]
    ) -> tuple[SearchAttributePair[Any], ...]:
        return tuple(SearchAttributePair(key, self._attribute_value(chooser, key)) for key in keys)

    def _attribute_value(self, chooser: Chooser, key: SearchAttributeKey[Any]) -> Any:
        words, values = self._words(), self.values
        if key not in values.search_attributes and words and chooser.integer(0, 1) == 1:
            word = pick(chooser, words)
            if key.value_type is str:
                return word
            if key.indexed_value_type.name == "KEYWORD_LIST":
                return [word]
        return values.search_attribute(key).make(chooser)


def _later_attempt(chooser: Chooser) -> _Fields:
    return {"attempt": 2 + chooser.integer(0, 2), "last_failure": Failure()}


def _as_a_child(chooser: Chooser) -> _Fields:
    return {"parent": "explored-parent"}


def _suggested(chooser: Chooser) -> _Fields:
    return {"suggested_from": 1 + chooser.integer(0, 5)}


def _redeployed(chooser: Chooser) -> _Fields:
    return {"redeployed_from": 1 + chooser.integer(0, 5)}
