#!/bin/sh
# 为 compose.yaml 中的每个密钥生成一个文件；已有的不改。
# Write one file for each secret that compose.yaml names; those that exist stay as they are.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
# The folder is closed to other users of this machine; its files are readable because each service
# reads them under a user of its own.
chmod 0700 secrets
sed -n 's#.*{file: \./secrets/\([A-Z_]*\)}.*#\1#p' compose.yaml | while read -r name; do
    if [ ! -s "secrets/$name" ]; then
        head -c 48 /dev/urandom | base64 | tr -d '\n' | tr '+/' '-_' > "secrets/$name"
        echo "secrets/$name"
    fi
    chmod 0444 "secrets/$name"
done
