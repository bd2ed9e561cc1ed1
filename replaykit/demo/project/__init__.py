"""The example project, one file per file of the copy that `replaykit.demo.project_folder` writes."""
