"""The shift report: one line over one span on two sheets of A4, as HTML that needs no script and nothing else."""
