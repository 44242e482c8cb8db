"""What `make bench` runs: Ratecard against a conventional twin and hand-written SQL."""
