"""What is known of each platform: one folder each. Scrapy's spider loader finds the spider in it."""
