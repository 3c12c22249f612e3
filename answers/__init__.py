"""Questions asked of the store: sums and KPIs over any span, the explanation of a number, its proof against the truth."""
