"""Batches: from a file of rows to files of predictions, shard by shard, by the code that serves."""
