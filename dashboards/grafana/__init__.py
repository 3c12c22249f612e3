"""Grafana dashboards as code: what each shows, in both languages; the generated files are beside it."""
