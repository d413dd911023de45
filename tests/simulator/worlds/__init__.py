"""The invented content of the platforms behind Bilibili; each realm computes its own, none keeps a table."""
