"""Reads the user's source. No other room parses Python.

| module | what it answers |
|---|---|
| `sources` | the text, lines and syntax tree of a file, each read once |
| `user_code` | whether a file is the user's |
| `definitions` | the workflow classes below a folder, nothing imported |
| `importing` | what `module` and `module:attribute` name, imported |
| `classes` | where an imported class stands |
| `modules` | the modules that code imports at any depth, and what names mean across them |
| `changed` | the workflows that a change alters |
| `patch_calls` | calls of `patched` and `deprecate_patch`, and the branches that they decide |
| `statements` | the statement on a line, and what the code around it mentions |
| `literals` | the words and numbers that a file mentions |
| `excerpts` | the lines around a line, in colour |
| `replacements` | what is replay-safe in place of what is not |
"""
