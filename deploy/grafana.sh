#!/bin/sh
# Starts Grafana with the token that influxdb_setup.py wrote for it: the provisioned data sources name the variable.
set -eu
MES_INFLUX_TOKEN=$(cat /secrets/tokens/grafana)
export MES_INFLUX_TOKEN
exec /run.sh "$@"
