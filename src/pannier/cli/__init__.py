"""The command: one module per subcommand, each thin over the library.

Data goes to standard output, everything else to standard error. Exit status: 0 when everything got
through, 1 when something did not, 2 for wrong usage; the `aws` spellings end with 254, as `aws`
does, when the service refuses.
"""
