#!/usr/bin/env bash
# Does what README.md says, as a newcomer would: in a clean clone of the last commit, in a temporary folder.
# Runs the fenced blocks that README marks with <!-- walk: ... --> and the curl line that the demo prints.
# Takes a free port in place of 3000 (--port 0) and a made-up key. Ends what it started, by process id.
#
# The SDK blocks run where the SDKs are installed; WALK_NODE_MODULES names a node_modules folder with "openai",
# WALK_PYTHON a Python that can import it. Else they are skipped, with the reason printed.
set -euo pipefail

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/keyway-walk.XXXXXX")
pid=""
failed=0

end() {
  local status=$?
  stop || true
  rm -rf "$work"
  exit "$status"
}
trap end EXIT
trap 'exit 130' INT TERM

say() { printf '[walk] %s\n' "$*"; }
pass() { say "ok: $*"; }
fail() { say "FAILED: $*"; failed=1; }
die() { fail "$@"; exit 1; }

# blocks <name>: README's blocks of that name, one after the other, each ended by a NUL
blocks() {
  awk -v mark="<!-- walk: $1 -->" '
    $0 == mark { wanted = 1; next }
    wanted && /^```/ { wanted = 0; inside = 1; next }
    inside && /^```/ { inside = 0; printf "%c", 0; next }
    inside { print }' README.md
}

# block <name>: the one block of that name
block() {
  local text
  text=$(blocks "$1" | tr -d '\0')
  [[ -n $text ]] || die "README has no block $1"
  printf '%s\n' "$text"
}

# start <command>: runs a command line that ends in "java -jar ..." in the background; waits for "listening"
start() {
  local i
  : > "$work/out"
  # exec: the process id is Java's own, so that a signal reaches it
  bash -c "$(sed -E 's/(^| )java -jar/\1exec java -jar/' <<< "$1")" > "$work/out" 2>&1 &
  pid=$!
  for ((i = 0; i < 240; i++)); do
    if grep -q "$2" "$work/out"; then
      url=$(sed -nE 's/.*listening: address=(http:[^ ]+)$/\1/p' "$work/out" | head -n 1)
      [[ -n $url ]] || die "no address was printed"
      return
    fi
    kill -0 "$pid" 2> /dev/null || break
    sleep 0.25
  done
  cat "$work/out"
  die "did not start: $1"
}

# stop: SIGTERM; the exit code is to be 0
stop() {
  [[ -n $pid ]] || return 0
  local running=$pid status=0 i
  pid=""
  kill -TERM "$running" 2> /dev/null || true
  for ((i = 0; i < 160; i++)); do
    kill -0 "$running" 2> /dev/null || break
    sleep 0.25
  done
  kill -KILL "$running" 2> /dev/null || true
  wait "$running" 2> /dev/null || status=$?
  return "$status"
}

ended_well() {
  local status=0
  stop || status=$?
  if [[ $status == 0 ]]; then pass "$1 ends with 0 at SIGTERM"; else fail "$1 ended with $status"; fi
}

here() { sed "s#http://127\\.0\\.0\\.1:3000#$url#g"; }

# answer_has <what> <text...>: the last answer has each of the texts
answer_has() {
  local what=$1 text
  shift
  for text in "$@"; do
    grep -qF -- "$text" "$work/answer" || { fail "$what: no $text in the answer"; head -c 2000 "$work/answer"; return; }
  done
  pass "$what"
}

say "a clean clone of $(git -C "$repo" rev-parse --short HEAD)"
git clone -q --no-hardlinks "$repo" "$work/keyway"
cd "$work/keyway"

grep -qx 'bash etc/verify.sh' README.md && bash -n etc/verify.sh || die "README does not name the test command"
pass "the test command is there (it is not run from here)"

# --- build and demo
demo=$(block demo)
build=${demo%% && *}
run=${demo##* && }
[[ $build == mvn* && $run == java* ]] || die "the demo block is not 'mvn ... && java ...': $demo"
say "$build"
timeout 600 bash -c "$build" > "$work/build.log" 2>&1 || { tail -n 40 "$work/build.log"; die "the build failed"; }
pass "built $(ls -l target/keyway.war | awk '{print $5}') bytes"

start "$run --port 0 --home $work/demo-home" 'Ctrl-C'
pass "the demo listens at $url"
printed=$(grep -m 1 '^  curl -N ' "$work/out") || die "the demo prints no curl line"
inReadme=$(grep -m 1 '^curl -N ' README.md | here)
[[ "  $inReadme" == "$printed" ]] && pass "the printed curl line is README's" || fail "README shows another curl line than: $printed"
[[ $(tail -n 1 "$work/out") == *Ctrl-C* ]] && pass "nothing is printed behind it" || fail "log lines stand behind the curl line"
timeout 30 bash -c "$printed" > "$work/answer" 2> /dev/null || fail "the curl line failed"
pieces=$(grep -c '^data: ' "$work/answer") || true
((pieces > 10)) && pass "$pieces events" || fail "only $pieces events"
sed -nE 's/.*"delta":\{[^}]*"content":"(([^"\\]|\\.)*)".*/\1/p' "$work/answer" | tr -d '\n' | sed 's/\\"/"/g' > "$work/told"
grep -qF '"reasoning":{"enabled":true,"effort":"high"}' "$work/told" && grep -qF '"order":["fireworks"]' "$work/told" \
  && pass "the answer tells what the tags became" || { fail "the answer does not tell what the tags became"; cat "$work/told"; }
answer_has "the stream says its cost and ends whole" '"cost":' 'data: [DONE]'

while IFS= read -r -d '' command; do
  timeout 30 bash -c "$(here <<< "$command")" > "$work/answer" 2> /dev/null || fail "$command"
  case $command in
    */health*) answer_has "/health" '"status":"ok"' '"kms_status":"up"' '"openrouter_status":"up"' ;;
    *) answer_has "curl without a stream" '"object":"chat.completion"' '"usage"' ;;
  esac
done < <(blocks curl)

# --- SDKs
mkdir "$work/sdk"
block javascript | here > "$work/sdk/walk.mjs"
block python | here > "$work/sdk/walk.py"
modules=${WALK_NODE_MODULES:-$(npm root -g 2> /dev/null || true)}
if ! command -v node > /dev/null; then
  say "skipped: JavaScript, no node here"
elif [[ ! -d $modules/openai ]]; then
  say "skipped: JavaScript, the package openai is not installed (WALK_NODE_MODULES)"
else
  ln -s "$modules" "$work/sdk/node_modules"
  timeout 60 node "$work/sdk/walk.mjs" > "$work/answer" 2>&1 || fail "the JavaScript block failed"
  answer_has "JavaScript SDK" '"effort":"high"'
fi
python=${WALK_PYTHON:-python3}
if ! command -v "$python" > /dev/null; then
  say "skipped: Python, no $python here"
elif ! "$python" -c 'import openai' 2> /dev/null; then
  say "skipped: Python, the package openai is not installed (WALK_PYTHON)"
else
  timeout 60 "$python" "$work/sdk/walk.py" > "$work/answer" 2>&1 || fail "the Python block failed"
  answer_has "Python SDK" '"effort":"high"'
fi

[[ $(ls "$work/demo-home/logs" | wc -l) == 3 ]] && pass "three logs" || fail "not three logs: $(ls "$work/demo-home/logs")"
ended_well "the demo"
[[ -z $(git status --porcelain) ]] && pass "the clone is as clean as it was" || fail "left behind: $(git status --porcelain)"

# --- the gateway itself; its key is made up, so only /health is asked
start "$(block gateway) --port 0 --home $work/home" 'keys: count=1'
pass "the gateway listens at $url"
timeout 30 curl -s "$url/health" > "$work/answer" || fail "no /health"
answer_has "/health of the gateway" '"status":"ok"' '"kms_status":"up"' '"openrouter_status":"unknown"'

# --- keys: first through the gateway that runs, then in its file; ids are those of this machine
made_up=sk-or-v1-$(printf '%064d' 7)
keys() { NEW_KEY=$made_up timeout 60 bash -c "$1" > "$work/answer" 2>&1 || { fail "$1"; cat "$work/answer"; }; }
in_home() { sed -E "s#(keys (add|list|disable|reactivate|remove))#\\1 --home $work/home#"; }
keys_walk() {
  keys "$(block keys-add | in_home)"
  answer_has "keys add, $1" ' added, by '
  local id command
  id=$(grep -oE 'k_[0-9a-f]{8}' "$work/answer" | head -n 1)
  while IFS= read -r command; do
    keys "$(in_home <<< "${command//k_1a2b3c4d/$id}")"
    case $command in
      *list) answer_has "keys list, $1" "$id" main alice active ;;
      *hash*) answer_has "keys hash" 'kw-' 'key_sha256: ' ;;
      *) answer_has "${command#*keyway.war }, $1" "$id" ;;
    esac
  done < <(block keys)
}
keys_walk "a gateway runs"

# --- what a new file would change, and that a changed one is taken up
printf 'server:\n  max_body: 100MB\nopenrouter:\n  rate_limit_cooldown: 30m\n' > "$work/new.yml"
keys "$(block config-diff | sed -E "s#new.yml#$work/new.yml --home $work/home#")"
answer_has "config diff" 'server.max_body:' '+ 100MB  # new.yml:2' 'rate_limit_cooldown:' '  - 4h' '  + 30m  # new.yml:4' \
  "differences from the gateway at $url."
cp "$work/new.yml" "$work/home/keyway.yml"
for ((i = 0; i < 100; i++)); do grep -q 'configuration reloaded' "$work/out" && break; sleep 0.1; done
cp "$work/out" "$work/answer"
answer_has "a changed file is taken up" 'configuration reloaded: trigger=file' 'rate_limit_cooldown'
ended_well "the gateway"
keys_walk "no gateway runs"

((failed == 0)) && say "README does what it says" || say "README does not do what it says"
exit "$failed"
