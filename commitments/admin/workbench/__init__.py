"""The workbench: the pages on which staff log, review and prepare progress.

They ask `policies` what a person may do and change updates through `workflow` only.
"""
