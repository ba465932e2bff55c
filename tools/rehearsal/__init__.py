"""The rehearsal: a real bootstrap, deploy and destroy on this machine, without an account and without Docker."""
