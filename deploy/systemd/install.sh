#!/usr/bin/env bash
# Installs Keyway as a service of systemd, for systems without the Debian package; run again, it upgrades.
#   sudo bash deploy/systemd/install.sh [--war FILE] [--config FILE]
# The WAR is target/keyway.war of this clone unless named. A configuration is needed: /etc/keyway/keyway.yml if it is
# there, which stays as it is; else --config, else keyway.yml or config.yml of the working folder.
# Program in /usr/local, configuration in /etc/keyway, home in /var/lib/keyway. No secret is printed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
war=$here/../../target/keyway.war
given=
user=keyway
home=/var/lib/keyway
config=/etc/keyway/keyway.yml
variables=/etc/keyway/keyway.env
program=/usr/local/bin/keyway
share=/usr/local/share/keyway
unit=/etc/systemd/system/keyway.service

refuse() {
  printf '%s\n' "$@" >&2
  exit 1
}

while (($#)); do
  case $1 in
    --war) war=${2:?--war needs a file} ;;
    --config) given=${2:?--config needs a file} ;;
    *)
      echo "usage: sudo bash install.sh [--war FILE] [--config FILE]" >&2
      exit 2
      ;;
  esac
  shift 2
done

[[ $(id -u) == 0 ]] || refuse "must be root: sudo bash $0"
command -v systemctl >/dev/null || refuse "there is no systemd here"
if [[ -e /usr/bin/keyway ]]; then
  refuse "the Debian package of Keyway is installed; upgrade that, or remove it first"
fi
[[ -f $war ]] || refuse "there is no $war; build it, or name one with --war"
if [[ ! -e $config ]]; then
  if [[ -z $given ]]; then
    for candidate in keyway.yml config.yml; do
      if [[ -f $candidate ]]; then
        given=$candidate
        break
      fi
    done
  fi
  [[ -f $given ]] || refuse "a configuration is needed: there is no ${given:-keyway.yml}. Start from the example:" \
    "  cp $(realpath -m --relative-to=. "$here/../debian/keyway.yml") keyway.yml"
elif [[ -n $given ]]; then
  refuse "$config is there already; edit it, or move it away first"
fi

umask 022
staged=$(mktemp -d)
chmod 0755 "$staged"
trap 'rm -rf "$staged"' EXIT

# The WAR unpacks its jars at its first start; here they are taken from there. That start also tells a Java that is
# missing or too old.
java=java
[[ -z ${JAVA_HOME:-} ]] || java=$JAVA_HOME/bin/java
command -v "$java" >/dev/null || refuse "there is no Java; Keyway needs 17 or newer, such as openjdk-17-jre-headless"
version=$(XDG_CACHE_HOME=$staged/cache "$java" -jar "$war" --version)
install -d "$staged/bin" "$staged/share/keyway/lib"
install -m 0644 -t "$staged/share/keyway/lib" "$staged"/cache/keyway/*/*.jar
install -m 0755 "$here/../bin/keyway" "$staged/bin/keyway"

getent group "$user" >/dev/null || groupadd --system "$user"
getent passwd "$user" >/dev/null ||
  useradd --system --gid "$user" --home-dir "$home" --no-create-home --shell /usr/sbin/nologin "$user"
[[ -d $home ]] || install -d -o "$user" -g "$user" -m 0700 "$home"

# The configuration is checked by the program that is to run with it, before anything that runs is touched.
install -d -m 0755 /etc/keyway
new_config=
if [[ ! -e $config ]]; then
  new_config=yes
  install -o root -g "$user" -m 0640 "$given" "$config"
fi
if [[ ! -e $variables ]] && ! grep -Eq '^ +secret:' "$config"; then
  # Without a secret every user of this machine could administer.
  (umask 077 && printf '# Variables of the service, one NAME=value a line; read by root only.\nADMIN_SECRET=%s\n' \
    "$(head -c 24 /dev/urandom | base64)" >"$variables")
fi
if ! (cd "$staged" && env -u KEYWAY_HOME -u KEYWAY_CONFIG "$staged/bin/keyway" check >"$staged/check" 2>&1); then
  cat "$staged/check" >&2
  [[ -z $new_config ]] || rm "$config"
  refuse "the configuration has problems: nothing was replaced or started"
fi

sed 's#^ExecStart=/usr/bin/keyway$#ExecStart='"$program"'#' "$here/keyway.service" >"$staged/keyway.service"
changed=
if ! diff -rq "$staged/share/keyway/lib" "$share/lib" >/dev/null 2>&1 ||
  ! cmp -s "$staged/bin/keyway" "$program" || ! cmp -s "$staged/keyway.service" "$unit"; then
  changed=yes
  # The old jars stay open in a service that runs, until it is restarted.
  rm -rf "$share.new" "$share.old"
  install -d "$(dirname "$share")" "$(dirname "$program")"
  cp -r "$staged/share/keyway" "$share.new"
  [[ ! -e $share ]] || mv "$share" "$share.old"
  mv "$share.new" "$share"
  rm -rf "$share.old"
  install -m 0755 "$staged/bin/keyway" "$program.new"
  mv "$program.new" "$program"
  bash "$here/../bin/make-class-archive" "$share/classes.jsa" "$program" ||
    echo "there is no archive of classes; it starts without, a little slower" >&2
  install -D -m 0644 "$here/../debian/keyway.1" /usr/local/share/man/man1/keyway.1
  install -m 0644 "$staged/keyway.service" "$unit"
  systemctl daemon-reload
fi
systemctl --quiet enable keyway
if [[ -n $changed || -n $new_config ]]; then
  systemctl restart keyway
else
  systemctl start keyway
fi
echo "installed: $version"
echo "configuration $config, home $home"
echo "journal: journalctl -u keyway -f"
