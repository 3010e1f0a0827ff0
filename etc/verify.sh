#!/usr/bin/env bash
# Runs every check of Keyway: formatter, compiler, unit tests, the WAR in stock Jetty and Tomcat.
# As root on Debian or Ubuntu it installs what is missing first; else it says what to install.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# nginx and HAProxy stand in front of Keyway in a test, microsocks and tinyproxy between it and the upstream; Debian keeps
# some where only root looks.
PATH=$PATH:/usr/sbin
# command=package that brings it
needs=(javac=openjdk-17-jdk-headless mvn=maven git=git curl=curl gzip=gzip nginx=nginx haproxy=haproxy
  microsocks=microsocks tinyproxy=tinyproxy-bin)

missing=()
for need in "${needs[@]}"; do
  command -v "${need%%=*}" >/dev/null || missing+=("${need#*=}")
done
# Lets those two know a name that nobody else does; a library, so there is no command to look for.
compgen -G '/usr/lib/*/libnss_wrapper.so' >/dev/null || compgen -G '/usr/lib*/libnss_wrapper.so' >/dev/null \
  || missing+=(libnss-wrapper)
if ((${#missing[@]})); then
  if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
    apt-get -o DPkg::Lock::Timeout=400 update -qq
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=400 install -y -qq --no-install-recommends "${missing[@]}"
  else
    echo "missing: ${missing[*]}; install with: sudo apt-get install ${missing[*]}" >&2
    exit 1
  fi
fi

java_version=$(javac -version 2>&1 | sed -E 's/^javac ([0-9]+).*/\1/')
if ! [[ $java_version =~ ^[0-9]+$ ]] || ((java_version < 17)); then
  echo "javac on the PATH is version $java_version; Keyway is built with JDK 17 or newer" >&2
  exit 1
fi

status=0
mvn -B -ntp verify "$@" || status=$?

# Says how much ran, so that a shrunken run shows.
count() {
  local kind=$1 folder=$2 sums
  sums=$(grep -ho '<testsuite [^>]*' "$folder"/TEST-*.xml 2>/dev/null | awk '
    { for (i = 1; i <= NF; i++) if (match($i, /^(tests|failures|errors|skipped)="[0-9]+"/)) {
        split($i, pair, "=\""); sum[pair[1]] += pair[2] + 0 } }
    END { printf "%d run, %d failed, %d skipped", sum["tests"], sum["failures"] + sum["errors"], sum["skipped"] }')
  echo "$kind: ${sums:-none}"
}
count "unit tests" target/surefire-reports
count "integration tests" target/failsafe-reports
exit "$status"
