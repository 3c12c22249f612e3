"""From what machines say to what is true of every minute: ledger, journal, store."""
