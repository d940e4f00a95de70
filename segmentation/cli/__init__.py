"""The command line, which jobs/ are thin fronts of: options over the config, exit statuses, and a limit of time."""
