#!/usr/bin/env bash
# The benchmark: Keyway against nginx and a bare proxy servlet, all on the loopback address of this machine.
# usage: bash etc/bench/run.sh [--quick | --streams | --containers]
#   (nothing)     standalone; replaces its section in etc/bench/RESULTS.md
#   --quick       the short form; to the terminal and target/bench-quick.md only
#   --streams     4,000 streams with -Xmx512m
#   --containers  the WAR in stock Jetty and Tomcat against a WAR of the bare servlet
# Each takes at most 8 minutes, and is ended when it takes longer. What is not built yet is built first.
# BENCH_KEYWAY_OPTIONS holds more Java options for Keyway, to compare them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
limit_seconds=480

case ${1:-} in
  '') kind=full ;;
  --quick | --streams | --containers) kind=${1#--} ;;
  *)
    sed -n 's/^# \(usage: .*\)/\1/p' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac

needs=(javac=openjdk-17-jdk-headless mvn=maven git=git nginx=nginx-light wrk=wrk)
missing=()
for need in "${needs[@]}"; do
  command -v "${need%%=*}" >/dev/null || missing+=("${need#*=}")
done
if ((${#missing[@]})); then
  if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
    apt-get -o DPkg::Lock::Timeout=400 update -qq
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=400 install -y -qq --no-install-recommends "${missing[@]}"
  else
    echo "missing: ${missing[*]}; install with: sudo apt-get install ${missing[*]}" >&2
    exit 1
  fi
fi

ulimit -n "$(ulimit -Hn)"
if [[ $(ulimit -n) != unlimited ]] && (($(ulimit -n) < 10000)); then
  echo "too few open files are allowed: $(ulimit -n); 10000 are needed (ulimit -n)" >&2
  exit 1
fi

if [[ ! -f target/keyway.war || ! -f target/test-classes/dev/keyway/bench/Bench.class ]]; then
  mvn -q -B -ntp package -DskipTests
fi
if [[ $kind == containers && ! -d target/containers ]]; then
  mvn -q -B -ntp pre-integration-test -DskipTests
fi
version_of() {
  local folder
  folder=$(find target/containers -maxdepth 1 -name "$1*" 2>/dev/null | sort | tail -n 1)
  echo "${folder##*-}"
}

# Whoever starts it in the background and ends this script ends the benchmark too: its processes watch their parent.
exec timeout --kill-after=15 "$limit_seconds" java -Xmx512m \
  -Dbench.keyway.options="${BENCH_KEYWAY_OPTIONS:-}" \
  -Dkeyway.war="$PWD/target/keyway.war" -Dkeyway.containers="$PWD/target/containers" -Dkeyway.etc="$PWD/etc" \
  -Djetty.version="$(version_of jetty-home-)" \
  -Dtomcat10.version="$(version_of apache-tomcat-10)" -Dtomcat11.version="$(version_of apache-tomcat-11)" \
  -cp "target/test-classes:target/keyway/WEB-INF/lib/*:target/lib-standalone/*" dev.keyway.bench.Bench "$kind"
