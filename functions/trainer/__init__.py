"""The trainer: it turns an arrived training file into a finished job."""
