"""One file per preset; each holds a `CONFIG`."""
