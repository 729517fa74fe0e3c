"""Jobs, artifacts and callbacks in one SQL database."""
