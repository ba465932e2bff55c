"""Who may use which route: the gateway asks before every request to a route that is not public."""
