"""Networks that learn, as dynamical systems: one file an exhibit."""
