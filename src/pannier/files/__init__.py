"""Files in and files out: every format that items come in, streamed.

`reading.read_all` makes operations of files; `writing.open_sink` makes files of items. Each format
has a module for each way; `docs/formats.md` says what they do.

What can't be read is a `Failure` with its file and line, not a stop. A file that can't be used as a
whole is a `FileError`, before anything is sent.
"""
