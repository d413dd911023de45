"""What tests read out of the answers of the platforms, with code of their own."""
