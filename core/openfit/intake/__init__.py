"""From bytes to rows. `ingest` is the one door; what knocks is a file (`importing`, `uploads`), a
connection (`connect`, `sync`) or a vendor (`webhooks`). `items` reads what waits through its
plugin; `normalize`, `storing` and `settling` write what it yields."""
