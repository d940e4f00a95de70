"""The lake: tables read and written, one run at a time."""
