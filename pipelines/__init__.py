"""Where it goes. Pipelines know envelopes only; settings number them."""
