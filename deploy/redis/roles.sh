#!/bin/sh
# Makes the user of Ubiquitous on Redis 6 or later: its own keys and channels, reading, writing, publishing
# scripts, the clock and figures, nothing that administers the server or touches what is another's. Run again, it changes the
# password alone. The user must be kept (`ACL SAVE` with an aclfile, or a line in redis.conf).
#
#   REDISCLI_AUTH=admin-password ./roles.sh cache.example 6379 "$(openssl rand -hex 24)" [prefix]
set -eu
host=$1 port=$2 password=$3 prefix=${4:-ubiquitous}
redis-cli -h "$host" -p "$port" ACL SETUSER ubiquitous reset on ">$password" \
  "~$prefix:*" "&$prefix:*" -@all +@read +@write +@pubsub +@transaction +@scripting +@connection \
  -@dangerous -@admin -@blocking +time +info
redis-cli -h "$host" -p "$port" ACL GETUSER ubiquitous
