#!/usr/bin/env bash
# Lives through the Debian package's life in a throwaway Debian with a systemd of its own: install, serve, upgrade,
# roll back, remove, purge; then install.sh and uninstall.sh.
#   sudo bash deploy/debian/test-package.sh [--fresh] [target/keyway.deb]
# The Debian is a copy of this machine's root (overlayfs: nothing is written to it, nothing downloaded); with --fresh a
# new one with the package's dependencies only, made by mmdebstrap from this machine's own apt sources. It has its own
# processes, network and control group. Exit codes: 0 passed, 1 failed, 2 wrong command line, 77 can't be run here.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
self=$here/$(basename "${BASH_SOURCE[0]}")

# --- the Debian's own beginning: mounts, then systemd as process 1
if [[ ${1:-} == --boot ]]; then
  work=$2
  root=$work/root
  mount --make-rprivate /
  if [[ ! -d $root ]]; then
    mkdir "$root" "$work/layers"
    mount -t tmpfs tmpfs "$work/layers"
    mkdir "$work/layers/upper" "$work/layers/work"
    mount -t overlay overlay -o "lowerdir=/,upperdir=$work/layers/upper,workdir=$work/layers/work" "$root"
  else
    mount --bind "$root" "$root"
  fi
  # Nothing of the machine's own is mounted or waited for, and what the package starts is started.
  : >"$root/etc/fstab"
  rm -f "$root/usr/sbin/policy-rc.d" "$root/var/lib/man-db/auto-update"
  for unit in systemd-networkd-wait-online NetworkManager-wait-online networking ifupdown-wait-online; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit.service"
  done
  mount -t proc proc "$root/proc"
  mount --bind "$root/proc/sys" "$root/proc/sys"
  mount -o remount,bind,ro "$root/proc/sys"
  mount -t sysfs -o ro sysfs "$root/sys"
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
  mount -t tmpfs -o mode=0755 tmpfs "$root/run"
  mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
  mount -t tmpfs -o mode=0755 tmpfs "$root/dev"
  mkdir "$root/dev/pts" "$root/dev/shm"
  mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
  mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
  for device in null zero full random urandom tty; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
  done
  ln -s pts/ptmx "$root/dev/ptmx"
  ln -s /proc/self/fd "$root/dev/fd"
  for number in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${number%%:*}" "$root/dev/${number#*:}"; done
  cp -a "$work/given" "$root/run/given"
  ip link set lo up
  # No chroot: in one the kernel gives nobody a user namespace, and the unit wants one.
  cd "$root"
  pivot_root . mnt
  umount -l /mnt
  exec env -i container=keyway-test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    /lib/systemd/systemd --unit=basic.target --show-status=0
fi

fresh=
deb=$here/../../target/keyway.deb
for argument; do
  case $argument in
    --fresh) fresh=yes ;;
    -*) echo "usage: sudo bash $0 [--fresh] [keyway.deb]" >&2 && exit 2 ;;
    *) deb=$argument ;;
  esac
done
cannot() { echo "can't be run here: $*" >&2 && exit 77; }
[[ $(uname -s) == Linux && $(id -u) == 0 ]] || cannot "needs Linux and root"
command -v dpkg-deb >/dev/null || cannot "needs a Debian or a child of it"
[[ -f $deb ]] || { echo "there is no $deb: mvn package -Pdeb" >&2 && exit 2; }
need() {
  command -v "$1" >/dev/null && return
  apt-get -o DPkg::Lock::Timeout=400 install -y -qq --no-install-recommends "$2" >/dev/null || cannot "needs $1 ($2)"
}
need ip iproute2
need unshare util-linux
[[ -n $fresh || -x /lib/systemd/systemd ]] || cannot "needs systemd on this machine, or --fresh"

work=$(mktemp -d "${TMPDIR:-/tmp}/keyway-debian.XXXXXX")
machine=
end() {
  local status=$?
  # The end of its process 1 is the end of its processes, mounts and network.
  [[ -z $machine ]] || kill -KILL "$machine" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$work"
  exit "$status"
}
trap end EXIT
trap 'exit 130' INT TERM

checks=0
failed=0
began=$SECONDS
say() { printf '[package %3d s] %s\n' $((SECONDS - began)) "$*"; }
pass() {
  checks=$((checks + 1))
  say "ok: $*"
}
fail() {
  failed=$((failed + 1))
  say "FAILED: $*"
}

# --- what is given to it
mkdir "$work/given"
cp "$deb" "$work/given/keyway.deb"
cp -r "$here/.." "$work/given/deploy"
cp "$here/../../target/keyway.war" "$work/given/"
# A higher version: another configuration by default, one library with another name.
dpkg-deb -R "$deb" "$work/next"
sed -i 's/^Version: .*/&+next/' "$work/next/DEBIAN/control"
echo '# a line of the next version' >>"$work/next/etc/keyway/keyway.yml"
library=$(basename "$(ls "$work"/next/usr/share/keyway/lib/picocli-*.jar)")
mv "$work/next/usr/share/keyway/lib/$library" "$work/next/usr/share/keyway/lib/next-$library"
(cd "$work/next" && find usr etc -type f ! -path 'etc/*' -exec md5sum {} + >DEBIAN/md5sums)
dpkg-deb --root-owner-group -Zgzip -z1 -b "$work/next" "$work/given/next.deb" >/dev/null
rm -rf "$work/next"

# --- the Debian
if [[ -n $fresh ]]; then
  need mmdebstrap mmdebstrap
  suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
  sources=()
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/debian.sources; do
    [[ ! -s $file ]] || sources+=("$file")
  done
  # of alternatives the first
  depends=$(dpkg-deb -f "$deb" Depends | tr ',' '\n' | sed -E 's/^ *([^ |(]+).*/\1/' | paste -sd,)
  say "a new Debian $suite with systemd and $depends"
  mmdebstrap --quiet --mode=root --variant=minbase --include="systemd,$depends" "$suite" "$work/root" "${sources[@]}"
  say "made"
fi
# A group of its own below the one that runs this, where the kernel lets us.
hierarchy=$(findmnt -n -t cgroup2 -o TARGET | head -n 1)
group=$hierarchy$(sed -n 's/^0:://p' /proc/self/cgroup)/keyway-test.$$
(
  if [[ -n $hierarchy ]] && mkdir "$group" 2>/dev/null; then
    echo "$BASHPID" >"$group/cgroup.procs" || true
  fi
  exec unshare --mount --pid --fork --kill-child --uts --ipc --cgroup --net bash "$self" --boot "$work"
) >"$work/boot.log" 2>&1 &
starter=$!
for ((i = 0; i < 100; i++)); do
  machine=$(cat "/proc/$starter/task/$starter/children" 2>/dev/null | tr -d ' ') || true
  [[ -z $machine || $(cat "/proc/$machine/comm" 2>/dev/null) != systemd ]] || break
  kill -0 "$starter" 2>/dev/null || break
  machine=
  sleep 0.1
done
if [[ -z $machine ]]; then
  cat "$work/boot.log" >&2
  cannot "namespaces, overlayfs or systemd are not to be had"
fi

# What runs inside: a small client of its own, because the new Debian has no curl.
# http <method> <path> [body] [header...]: the answer, status line first
kit='
set -u
http() {
  local method=$1 path=$2 body=${3:-} line length
  shift $(($# < 3 ? $# : 3))
  exec 9<>/dev/tcp/127.0.0.1/3000 || return 1
  length=$(printf %s "$body" | wc -c)
  { printf "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n" "$method" "$path"
    for line; do printf "%s\r\n" "$line"; done
    printf "Content-Length: %s\r\n\r\n%s" "$length" "$body"; } >&9
  cat <&9
  exec 9>&-
}
answering() {
  local i
  for ((i = 0; i < 300; i++)); do
    if http GET /health 2>/dev/null | grep -q "\"status\":\"ok\""; then return 0; fi
    sleep 0.1
  done
  journalctl -u keyway --no-pager -n 30
  return 1
}
chat() {
  local text="{\"model\":\"$1\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}"
  shift
  http POST /v1/chat/completions "$text" "$@"
}
pid() { systemctl show -p MainPID --value keyway; }
processes() { grep -lE "^Uid:\s$(id -u keyway)\s" /proc/[0-9]*/status 2>/dev/null; }
traces() {
  find / -xdev -path /proc -prune -o -path /run -prune -o -path /tmp -prune -o -name "*keyway*" -print 2>/dev/null |
    grep -E "^/(etc|usr|var)/" | grep -vE "^/(usr/share/man|var/log)/" | sort
}
upstream_key=sk-or-v1-$(printf "%064d" 4711)
'
inside() {
  nsenter -t "$machine" -m -u -i -n -p -C -r -w -- /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    LC_ALL=C DEBIAN_FRONTEND=noninteractive timeout 240 bash -c "$kit$1" 2>&1
}
# check <what> <commands>: they must end with 0
check() {
  local out
  if out=$(inside "$2"); then
    pass "$1"
  else
    fail "$1"
    tail -n 40 <<<"$out" | sed 's/^/    /'
  fi
}
# gives <what> <commands> <exact answer>
gives() {
  local out
  out=$(inside "$2") || true
  if [[ $out == "$3" ]]; then
    pass "$1"
  else
    fail "$1: expected"
    sed 's/^/    /' <<<"$3"
    say "but it was"
    tail -n 40 <<<"$out" | sed 's/^/    /'
  fi
}
# has <what> <commands> <text...>; "!text" must not be there
has() {
  local what=$1 out text
  out=$(inside "$2") || true
  shift 2
  for text; do
    if [[ $text == !* ]]; then
      [[ $out != *"${text#!}"* ]] && continue
    elif [[ $out == *"$text"* ]]; then
      continue
    fi
    fail "$what: $text"
    tail -n 40 <<<"$out" | sed 's/^/    /'
    return
  done
  pass "$what"
}

check "systemd has started" 'for ((i = 0; i < 600; i++)); do
  systemctl is-active --quiet basic.target && exit 0; sleep 0.1; done; systemctl --no-pager list-jobs; exit 1'
# A copy of a machine that has Keyway: it goes first.
inside 'dpkg -P keyway; rm -rf /etc/keyway /var/lib/keyway; traces > /run/before' >/dev/null || true

# --- first installation: no key, no configuration
check "it installs" 'dpkg -i /run/given/keyway.deb'
check "the service answers" 'answering'
gives "it runs, is enabled, and did not have to be restarted" \
  'systemctl is-active keyway; systemctl is-enabled keyway; systemctl show -p NRestarts --value keyway' $'active\nenabled\n0'
gives "owners and modes" \
  'stat -c "%a %U:%G %n" /etc/keyway /etc/keyway/keyway.yml /etc/keyway/keyway.env /var/lib/keyway /usr/share/keyway/lib' \
  '755 root:root /etc/keyway
640 root:keyway /etc/keyway/keyway.yml
600 root:root /etc/keyway/keyway.env
700 keyway:keyway /var/lib/keyway
755 root:root /usr/share/keyway/lib'
gives "the user has no shell and no password" \
  'getent passwd keyway | cut -d: -f6,7; getent shadow keyway | cut -d: -f2 | cut -c1' $'/var/lib/keyway:/usr/sbin/nologin\n!'
has "a caller's own key is forwarded while there is none: here to an upstream that can't be reached" \
  'chat openai/gpt-4o-mini "Authorization: Bearer $upstream_key"' '502' '"type":"openrouter"'
has "nobody administers without the secret" 'http GET /admin/keys' '401'
has "with it one does" \
  'http GET /admin/keys "" "X-Admin-Secret: $(sed -n s/^ADMIN_SECRET=//p /etc/keyway/keyway.env)"' '200 OK' '"keys":[]'
check "the unit holds what systemd-analyze checks" 'systemd-analyze verify --man=no keyway.service'
check "its exposure is 1.2 of 10 at most" 'systemd-analyze security --threshold=12 --no-pager keyway.service'
gives "the process has no rights and a system call filter" \
  'sed -nE "s/^(Uid|CapEff|CapBnd|NoNewPrivs|Seccomp):\t([^\t]*).*/\1 \2/p" /proc/$(pid)/status | sed "s/^Uid $(id -u keyway)\$/Uid keyway/"' \
  $'Uid keyway\nCapEff 0000000000000000\nCapBnd 0000000000000000\nNoNewPrivs 1\nSeccomp 2'
has "what it can write it can't execute; of the rest it can write nothing; homes it does not see" '
  nsenter -t "$(pid)" -m -- bash -c "cp /bin/true /var/lib/keyway/x; /var/lib/keyway/x; rm /var/lib/keyway/x
  for there in /tmp /var/tmp /dev/shm; do cp /bin/true \$there/x; \$there/x; rm \$there/x; done
  touch /etc/x /usr/x /var/x /var/lib/x; ls -A /home /root | wc -w"' \
  '/var/lib/keyway/x: Permission denied' ' /tmp/x: Permission denied' \
  '/var/tmp/x: Permission denied' '/dev/shm/x: Permission denied' "'/etc/x': Read-only" "'/usr/x': Read-only" \
  "'/var/x': Read-only" "'/var/lib/x': Read-only" $'\n2'
has "Java ends when its heap is exhausted, and takes a part of the memory" 'tr "\0" " " < /proc/$(pid)/cmdline' \
  '-XX:+ExitOnOutOfMemoryError' '-XX:MaxRAMPercentage=50'

loaded='JAVA_OPTS="-Xlog:class+load:file=/tmp/loaded" keyway --version; grep -c "cli.KeywayCommand source: shared objects" /tmp/loaded; rm /tmp/loaded'
has "its classes come from the archive made for them" "setpriv --reuid=nobody --clear-groups bash -c '$loaded'" 'Keyway 0.' $'\n1'

# --- the command line
has "anyone may ask for the version" 'setpriv --reuid=nobody --clear-groups keyway --version' 'Keyway 0.'
has "others are told whose it is" 'setpriv --reuid=nobody --clear-groups keyway check; echo "exit $?"' 'use sudo' 'exit 1'
has "a home of one's own is nobody else's business" \
  'setpriv --reuid=nobody --clear-groups keyway check --home /tmp; echo "exit $?"' 'Home: /tmp' 'exit 0'
has "root checks what the service has" 'keyway check' 'The configuration is valid' 'etc/keyway/keyway.yml' \
  'environment (ADMIN_SECRET)' 'Home: /var/lib/keyway'
has "the service's user is told that it lacks the variables" \
  'setpriv --reuid=keyway --regid=keyway --init-groups keyway check' 'use sudo keyway' 'The configuration is valid'
has "a Java that is none is refused" 'JAVA_HOME=/etc keyway --version; echo "exit $?"' 'JAVA_HOME is /etc' 'exit 1'
has "options for Java are taken" 'JAVA_OPTS="-Xlog:gc:stdout -XX:+UseParallelGC" keyway --version' 'Using Parallel' 'Keyway 0.'

# --- configured
check "the stand-in upstream runs" 'systemd-run --quiet --unit=stand-in --uid=nobody keyway sandbox --port 3100
  for ((i = 0; i < 300; i++)); do { exec 8<>/dev/tcp/127.0.0.1/3100; } 2>/dev/null && exit 0; sleep 0.1; done; exit 1'
check "an edited configuration is valid and taken" '
  sed -i "s#^openrouter:#&\n  base_url: http://127.0.0.1:3100/api/v1#" /etc/keyway/keyway.yml
  keyway check && systemctl restart keyway && answering'
has "a key is added to the running service" 'echo "$upstream_key" | keyway keys add --stdin --label main' ' added, by the gateway'
has "and listed" 'keyway keys list' 'main' 'active' '!4711'
has "a request goes through" 'chat "deepseek/deepseek-r1\$think.high" | tr -d "\r"' '200 OK' 'data: [DONE]' '"cost":'
has "a changed configuration is taken up without a restart" '
  old=$(pid); keyway config diff /etc/keyway/keyway.yml
  sed -i "s#^openrouter:#&\n  rate_limit_cooldown: 30m#" /etc/keyway/keyway.yml
  systemctl reload keyway; for ((i = 0; i < 100; i++)); do
    journalctl -u keyway --no-pager -n 20 | grep -o "reloaded: trigger=.*rate_limit_cooldown" && break; sleep 0.1; done
  [[ $(pid) == "$old" ]] && echo same process' 'No difference' 'rate_limit_cooldown' 'same process'
check "killed, it comes back by itself" 'old=$(pid); kill -KILL "$old"; for ((i = 0; i < 200; i++)); do
  [[ $(pid) != 0 && $(pid) != "$old" ]] && break; sleep 0.1; done; answering'
has "and has its key" 'chat openai/gpt-4o-mini | tr -d "\r"' '200 OK' 'data: [DONE]'
has "a wrong configuration is refused, and the journal says why" '
  cp -p /etc/keyway/keyway.yml /root/good.yml; echo "upstrem: {hold: 1s}" >> /etc/keyway/keyway.yml
  keyway check; echo "exit $?"; systemctl restart keyway; for ((i = 0; i < 300; i++)); do
    journalctl -u keyway --no-pager -n 20 | grep upstrem && break; sleep 0.1; done' \
  'exit 1' 'keyway.yml:' 'upstrem: '
if [[ -n $fresh ]]; then
  has "after five attempts it is left alone" 'for ((i = 0; i < 120; i++)); do
    [[ $(systemctl is-active keyway) == failed ]] && break; sleep 1; done
    systemctl is-active keyway' 'failed'
fi
has "while it is stopped, root's commands write as the service's user" '
  systemctl stop keyway; cp -p /root/good.yml /etc/keyway/keyway.yml
  keyway keys disable "$(keyway keys list | grep -oE "^k_[0-9a-f]+")"; keyway keys reactivate "$(keyway keys list | grep -oE "^k_[0-9a-f]+")"
  echo "others: $(find /var/lib/keyway ! -user keyway | wc -l)"' ' disabled' ' active' 'others: 0'
check "set right, it runs again" 'systemctl reset-failed keyway; systemctl restart keyway; answering'

# --- upgrade, under a stream
check "an upgrade lets a running stream end whole" '
  chat sandbox/paced:40:100 > /run/stream & sleep 1.5
  dpkg --force-confold -i /run/given/next.deb && wait && answering
  tail -n 3 /run/stream; grep -q "^data: \[DONE\]" /run/stream'
has "the new version runs" 'dpkg-query -W -f "\${Status} \${Version}\n" keyway; ls -l /proc/$(pid)/fd' \
  'install ok installed' '+next' "next-$library"
gives "of the old one nothing is left" "ls /usr/share/keyway/lib | grep -c picocli" 1
gives "configuration, its mode and the secret are what they were" '
  cmp /root/good.yml /etc/keyway/keyway.yml; stat -c "%a %U:%G" /etc/keyway/keyway.yml /etc/keyway/keyway.env
  ls /etc/keyway' $'640 root:keyway\n600 root:root\nkeyway.env\nkeyway.yml\nkeyway.yml.dpkg-dist'
has "and the key" 'chat openai/gpt-4o-mini | tr -d "\r"' '200 OK' 'data: [DONE]'
check "it rolls back" 'dpkg --force-confold -i /run/given/keyway.deb && answering'
has "with its key" 'chat openai/gpt-4o-mini | tr -d "\r"' '200 OK' 'data: [DONE]'

# --- remove, come back, purge
gives "removed it is gone, but not what is the owner's" '
  dpkg -r keyway > /dev/null 2>&1; systemctl is-active keyway; ls -d /usr/bin/keyway /usr/lib/systemd/system/keyway.service
  ls /var/lib/keyway/data/keys.json /etc/keyway/keyway.yml; processes' \
  "inactive
ls: cannot access '/usr/bin/keyway': No such file or directory
ls: cannot access '/usr/lib/systemd/system/keyway.service': No such file or directory
/etc/keyway/keyway.yml
/var/lib/keyway/data/keys.json"
check "installed again it serves" 'dpkg -i /run/given/keyway.deb && answering'
has "with its key again" 'chat openai/gpt-4o-mini | tr -d "\r"' '200 OK' 'data: [DONE]'
has "no secret is in the journal" 'journalctl --no-pager -o cat; cat /var/log/dpkg.log
  echo "count $(journalctl --no-pager -o cat | grep -cF "$(sed -n s/^ADMIN_SECRET=//p /etc/keyway/keyway.env)")"' \
  'listening: address=http://127.0.0.1:3000' 'count 0' '!4711'
gives "purged, only the user is left" '
  dpkg -P keyway > /dev/null 2>&1; dpkg -P keyway > /dev/null 2>&1; echo "exit $?"
  traces | diff /run/before -
  systemctl list-unit-files --no-legend "keyway*"; getent passwd keyway | cut -d: -f1' $'exit 0\nkeyway'

# --- without the package
cd_deploy='cd /run/given && chmod -R a+rX . &&'
has "install.sh wants root" "$cd_deploy"' setpriv --reuid=nobody --clear-groups bash deploy/systemd/install.sh; echo "exit $?"' \
  'must be root' 'exit 1'
has "install.sh wants a configuration" "$cd_deploy"' bash deploy/systemd/install.sh --war keyway.war; echo "exit $?"; ls /usr/local/bin' \
  'a configuration is needed' 'deploy/debian/keyway.yml' 'exit 1' '!keyway.service'
has "install.sh refuses one with problems" "$cd_deploy"' echo "upstrem: {hold: 1s}" > wrong.yml
  bash deploy/systemd/install.sh --war keyway.war --config wrong.yml; echo "exit $?"; ls /etc/keyway/keyway.yml /etc/systemd/system/keyway.service' \
  'upstrem' 'nothing was replaced or started' 'exit 1' "cannot access '/etc/keyway/keyway.yml'" "cannot access '/etc/systemd/system/keyway.service'"
has "install.sh installs and starts" "$cd_deploy"' cp deploy/debian/keyway.yml keyway.yml
  bash deploy/systemd/install.sh --war keyway.war; echo "exit $?"; answering && systemctl is-enabled keyway
  stat -c "%a %U:%G %n" /etc/keyway/keyway.yml /etc/keyway/keyway.env /var/lib/keyway
  echo "count $(journalctl --no-pager -o cat | grep -cF "$(sed -n s/^ADMIN_SECRET=//p /etc/keyway/keyway.env)")"' \
  'installed: Keyway 0.' 'exit 0' 'enabled' '640 root:keyway /etc/keyway/keyway.yml' '600 root:root /etc/keyway/keyway.env' \
  '700 keyway:keyway /var/lib/keyway' 'count 0'
check "its unit is as good" 'systemd-analyze verify --man=no keyway.service && systemd-analyze security --threshold=12 --no-pager keyway.service'
gives "a second run changes nothing" "$cd_deploy"' old=$(pid); secret=$(cat /etc/keyway/keyway.env)
  bash deploy/systemd/install.sh --war keyway.war > /dev/null; echo "exit $?"
  [[ $(pid) == "$old" && $(cat /etc/keyway/keyway.env) == "$secret" ]] && echo same' $'exit 0\nsame'
check "one with another program restarts it" "$cd_deploy"' old=$(pid); echo "# changed" >> deploy/bin/keyway
  bash deploy/systemd/install.sh --war keyway.war && [[ $(pid) != "$old" ]] && answering'
has "the package's and this one do not meet" "$cd_deploy"' touch /usr/bin/keyway
  bash deploy/systemd/install.sh --war keyway.war; echo "exit $?"; bash deploy/systemd/uninstall.sh; echo "exit $?"
  rm /usr/bin/keyway' 'the Debian package of Keyway is installed' 'exit 1' '!exit 0'
has "nor does the package come over it" 'dpkg -i /run/given/keyway.deb; echo "exit $?"; systemctl is-active keyway' \
  'Run uninstall.sh first' 'exit 1' 'active'
has "uninstall.sh takes the program" "$cd_deploy"' systemctl start keyway; bash deploy/systemd/uninstall.sh; echo "exit $?"
  systemctl is-active keyway; ls /usr/local/bin /usr/local/share /etc/systemd/system /etc/keyway; processes' \
  'exit 0' 'inactive' 'keyway.yml' '!keyway.service'
has "a second time it does nothing" "$cd_deploy"' bash deploy/systemd/uninstall.sh; echo "exit $?"' 'exit 0' '!is gone'
if [[ -n $fresh ]]; then
  check "the package takes over what it left" '
    cp -p /etc/keyway/keyway.env /root/left.env; echo "# mine" >> /etc/keyway/keyway.yml
    dpkg --force-confold -i /run/given/keyway.deb && answering && cmp /root/left.env /etc/keyway/keyway.env &&
    grep -q "# mine" /etc/keyway/keyway.yml && dpkg -r keyway'
fi
gives "with --purge it takes the rest" "$cd_deploy"' bash deploy/systemd/uninstall.sh --purge > /dev/null; echo "exit $?"
  ls -d /etc/keyway /var/lib/keyway 2>/dev/null' 'exit 0'

say "$checks checks passed, $failed failed"
((failed == 0))
