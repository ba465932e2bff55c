"""From an arrived training file to a finished job."""
