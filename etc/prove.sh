#!/usr/bin/env bash
# Runs the long form of a proof by its name and appends date, commit and figures to etc/proofs/RESULTS.md.
# The short forms run in every build (etc/verify.sh).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# name=integration test#methods
declare -A tests=(
  [drops]='LiveStreamsIT#a_dropped*'
  [memory]='MemoryIT#long_answers*'
  [bodies]='MemoryIT#every_one*'
  [stalled]='ResourcesIT#a_stream_whose*,LiveStreamsIT#a_client_that_stops*'
  [aborts]='ResourcesIT#nothing_is_left*'
  [drain]='DrainIT#live_streams*'
  [redeploy]='StopAndRedeployIT#streams_end*'
  [keys-crash]='KeyFileKillIT'
  [keys-file]='KeyFileCostIT'
  [deb]='DebianPackageIT#it_lives*'
  [watch]='ClientWatchCostIT,LeavingUnseenIT'
  [day]='SimulatedDayTest'
  [own-faults]='OwnFaultsIT'
  [reloads]='ReloadsUnderLoadTest'
  [fuzz]='FuzzingRun,ConfigMutationsTest,HostileInputsTest'
)
limit_seconds=1800

name=${1:-}
shift || true
if [[ -z $name || -z ${tests[$name]:-} ]]; then
  echo "usage: bash etc/prove.sh <name> [Maven arguments]; names: ${!tests[*]}" >&2
  exit 2
fi

commit=$(git rev-parse --short=12 HEAD)
if ! git diff --quiet HEAD -- src pom.xml; then
  commit+=" and changes"
fi
figures=target/proofs/$name.txt
rm -f "$figures"

# No unit test has this name: only the proof runs.
timeout "$limit_seconds" mvn -B -ntp verify -Dtest=NoUnitTest -Dsurefire.failIfNoSpecifiedTests=false \
  -Dit.test="${tests[$name]}" -Dkeyway.proof="$name" "$@"

if [[ ! -s $figures ]]; then
  echo "$name passed but reported no figures" >&2
  exit 1
fi
while IFS= read -r line; do
  printf '| %s | %s | %s | %s |\n' "$(date -u +%Y-%m-%dT%H:%MZ)" "$commit" "$name" "$line" >>etc/proofs/RESULTS.md
done <"$figures"
tail -n "$(wc -l <"$figures")" etc/proofs/RESULTS.md
