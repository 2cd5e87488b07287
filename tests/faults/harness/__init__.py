"""The fault harness: real processes, killed at random; afterwards the rows are asked what happened."""
