from replaykit.history.model import History, Source
__all__=["History","Source"]
