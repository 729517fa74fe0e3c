"""Direct uploads: a client sends an asset in parts, straight to the store."""
