"""The authorizer, which the gateway calls before every request to a route that is not public."""
