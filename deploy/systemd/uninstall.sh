#!/usr/bin/env bash
# Takes away what install.sh put in place; where there is nothing, it does nothing.
#   sudo bash deploy/systemd/uninstall.sh [--purge]
# Configuration, keys, logs and the user stay; --purge takes configuration, keys and logs, too.
set -euo pipefail

unit=/etc/systemd/system/keyway.service

if (($# > 1)) || [[ ${1:---purge} != --purge ]]; then
  echo "usage: sudo bash uninstall.sh [--purge]" >&2
  exit 2
fi
if [[ $(id -u) != 0 ]]; then
  echo "must be root: sudo bash $0" >&2
  exit 1
fi
if [[ -e /usr/bin/keyway ]]; then
  echo "the Debian package of Keyway is installed: sudo apt-get remove keyway" >&2
  exit 1
fi

if [[ -e $unit ]]; then
  systemctl --quiet disable --now keyway
  rm -f "$unit"
  systemctl daemon-reload
  echo "the service is gone"
fi
rm -rf /usr/local/share/keyway /usr/local/share/keyway.new /usr/local/share/keyway.old
rm -f /usr/local/bin/keyway /usr/local/bin/keyway.new /usr/local/share/man/man1/keyway.1
if [[ ${1:-} == --purge ]]; then
  rm -rf /etc/keyway /var/lib/keyway
  echo "configuration, keys and logs are gone"
elif [[ -e /etc/keyway || -e /var/lib/keyway ]]; then
  echo "left: /etc/keyway (configuration) and /var/lib/keyway (keys, logs)"
fi
