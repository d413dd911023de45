"""How fast a crawl is, as ratios to references that run beside it: `make bench`. See docs/performance.md."""
