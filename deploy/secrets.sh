#!/bin/sh
# Makes every password and key of this deployment, each at random and only where there is none yet.
#
#     secrets.sh [FOLDER]        (/secrets)
#
# Runs before everything else (the service "secrets"). Only the user who needs a secret may read it: the user ids are
# those of docker-compose.yml. Made by hand, not as root, all of it stays the caller's.
set -eu
umask 077
root=${1:-/secrets}

simulator=10001 collector=10002 setup=10004 command=10005
mosquitto=1883 grafana=472

random() {
  head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n'
}

# own PATH MODE USER[:GROUP]: who may do what with it, also with one of an earlier start.
own() {
  chmod "$2" "$1"
  if [ "$(id -u)" = 0 ]; then chown "$3" "$1"; fi
}

folder() {
  mkdir -p "$1"
  own "$1" "$2" "$3"
}

# keep FILE MODE USER[:GROUP]: standard input becomes the file, whole or not at all; one that is there stays.
keep() {
  if [ ! -s "$1" ]; then
    cat > "$1.new"
    mv "$1.new" "$1"
  fi
  own "$1" "$2" "$3"
}

secret() {
  random | keep "$1" 0600 "$2"
}

folder "$root" 0711 0:0

# The broker's users: a plain password each for whom it is, and all of them hashed for the broker.
folder "$root/simulator" 0700 $simulator:$simulator
folder "$root/collector" 0700 $collector:$collector
folder "$root/command" 0700 $command:$command
folder "$root/mosquitto" 0700 $mosquitto:$mosquitto
secret "$root/simulator/broker_password" $simulator:$simulator
secret "$root/collector/broker_password" $collector:$collector
secret "$root/command/broker_password" $command:$command
secret "$root/mosquitto/health_password" $mosquitto:$mosquitto
if [ ! -s "$root/mosquitto/passwords" ]; then
  hashed="$root/mosquitto/passwords.new"
  : > "$hashed"
  for user in simulator collector command; do
    printf '%s:%s\n' "$user" "$(cat "$root/$user/broker_password")" >> "$hashed"
  done
  printf 'health:%s\n' "$(cat "$root/mosquitto/health_password")" >> "$hashed"
  mosquitto_passwd -U "$hashed"
  mv "$hashed" "$root/mosquitto/passwords"
fi
own "$root/mosquitto/passwords" 0600 $mosquitto:$mosquitto
# Options of the health check's mosquitto_sub, so that no password stands on a command line.
printf -- '-h 127.0.0.1\n-u health\n-P %s\n' "$(cat "$root/mosquitto/health_password")" \
  | keep "$root/mosquitto/mosquitto_sub" 0600 $mosquitto:$mosquitto

# InfluxDB's administrator, whom only its setup knows; the tokens that the setup will write, each for one reader.
folder "$root/influxdb" 0700 $setup:$setup
secret "$root/influxdb/admin_password" $setup:$setup
secret "$root/influxdb/admin_token" $setup:$setup
folder "$root/tokens" 0711 $setup:$setup
for reader in $collector $grafana; do
  case $reader in "$grafana") name=grafana ;; *) name=collector ;; esac
  [ -e "$root/tokens/$name" ] || : > "$root/tokens/$name"
  own "$root/tokens/$name" 0640 "$setup:$reader"
done

folder "$root/grafana" 0700 $grafana:$grafana
secret "$root/grafana/admin_password" $grafana:$grafana
secret "$root/grafana/secret_key" $grafana:$grafana
