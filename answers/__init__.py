"""Questions asked of the store: sums and KPIs over any span, a number explained, its proof against the truth."""
