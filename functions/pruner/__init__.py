"""The function that removes what the retention of the models no longer keeps."""
