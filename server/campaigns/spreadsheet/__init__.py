"""Rate cards as a spreadsheet: CSV with a row for each payout, out and in."""
