"""The page where people try the models: its files, and the routes that serve them."""
