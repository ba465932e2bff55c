"""What only the training image can do for a batch: files that are not plain, Parquet, and metrics of a run."""
