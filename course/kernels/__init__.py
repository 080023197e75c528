"""Fresh Python processes in milliseconds.

`forkserver` is a process that has imported what takes long and forks a copy of itself on request; `provisioner`
makes a Jupyter kernel of such a copy, and `testing` lets pytest's notebooks use it.
"""
