"""The live board: one page in the browser, fed from the store by server-sent events."""
