# The guided tour of `run --tour`, on a copy of the sample in a namespace of its own. Sourced by run, not run itself.
# Each step edits, waits for the events of `devloop up --output json` and checks them; nothing sleeps.

# Whatever fails unforeseen says where.
set -E
trap 'echo "the tour failed at line $LINENO: $BASH_COMMAND" >&2' ERR

patience=60           # seconds for one step
context_namespace=devloop-tour-$$
project=$scratch/quickstart
began=$SECONDS

fail() {
  printf '\nFAILED: %s\n' "$*" >&2
  if [ -s "$scratch/step" ]; then printf 'events of this step:\n' >&2; cut -c1-300 "$scratch/step" >&2; fi
  if [ -s "$scratch/up.err" ]; then cat "$scratch/up.err" >&2; fi
  exit 1
}
bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\033[1m' plain=$'\033[0m'; fi
step() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
note() { local what=$1; shift; printf '  %-10s %s\n' "$what" "$*"; }

# A port that nobody listens on: a connection to it is refused.
free_port() {
  local port=$1
  while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
  echo "$port"
}

# devloop on the copy, with a store of its own: the tour's first build is a first build on every machine.
devloop_here() { (cd "$project" && XDG_CACHE_HOME=$scratch/cache exec "$devloop" -n "$context_namespace" "$@"); }

start_up() {
  coproc UP { cd "$project" && XDG_CACHE_HOME=$scratch/cache exec "$devloop" -n "$context_namespace" --output json up --no-web 2>"$scratch/up.err"; }
  up_pid=$UP_PID
  exec {events}<&"${UP[0]}"
  : >"$scratch/step"
}

stop_up() {
  [ -n "${up_pid:-}" ] || return 0
  kill -TERM "$up_pid" 2>/dev/null || true
  # Its last line is read to the end, so that it is never kept from leaving by a full pipe.
  cat <&"$events" >/dev/null || true
  wait "$up_pid" 2>/dev/null || true
  exec {events}<&-
  up_pid=
}

stop_tour() {
  stop_up
  [ -z "${namespace_made:-}" ] || kubectl delete namespace "$context_namespace" --wait=false >/dev/null 2>&1 || true
}

value() { grep -o "\"$2\":\"[^\"]*\"" <<<"$1" | head -1 | cut -d'"' -f4; }   # value LINE KEY
is() { [[ $1 == *"\"type\":\"$2\""* ]]; }

# Tells an event the way a person would.
tell() {
  local line=$1 reason
  if is "$line" build_started; then
    reason=$(value "$line" text); note building "$(value "$line" image): $reason"
  elif is "$line" build_finished; then
    case $(value "$line" outcome) in
      unchanged) note unchanged "$(value "$line" image)" ;;
      reused) note cached "$(value "$line" image):$(value "$line" tag)" ;;
      *) note "$(value "$line" outcome)" "$(value "$line" image):$(value "$line" tag)" ;;
    esac
  elif is "$line" deploy_finished; then
    note "$(value "$line" outcome)" "$(value "$line" resource)"
  elif is "$line" resource_status && [ "$(value "$line" status)" = ready ]; then
    note ready "$(value "$line" resource)"
  elif is "$line" error; then
    fail "devloop reports: $(value "$line" message)"
  fi
}

# Reads events into the step's list until one of a type comes that has a text: await TYPE [TEXT]
await() {
  local line left end=$((SECONDS + patience))
  while left=$((end - SECONDS)); ((left > 0)) && IFS= read -r -t "$left" line <&"$events"; do
    printf '%s\n' "$line" >>"$scratch/step"
    tell "$line"
    if is "$line" "$1" && [[ $line == *"${2:-}"* ]]; then return 0; fi
  done
  fail "no event \`$1\` ${2:+with $2 }within ${patience}s"
}

# Makes an edit and waits until everything that follows from it is done: after FILE
after() { await plan "\"$1\""; await ready '"healthy":true'; }
begin() { : >"$scratch/step"; }

# The images whose builds started in this step, in that order, must be these.
expect_builds() {
  local built
  built=$({ grep '"type":"build_started"' "$scratch/step" || true; } | while IFS= read -r line; do value "$line" image; done | xargs)
  [ "$built" = "$*" ] || fail "expected builds of: ${*:-nothing}; built: ${built:-nothing}"
}
expect_reason() { # expect_reason IMAGE TEXT
  grep '"type":"build_started"' "$scratch/step" | grep -F "\"image\":\"$1\"" | grep -qF "$2" || fail "the reason of $1 does not name $2"
}
tag_of() { value "$(grep '"type":"build_finished"' "$scratch/step" | grep -F "\"image\":\"$1\"" | tail -1)" tag; }
pods() { kubectl -n "$context_namespace" get pods -o 'jsonpath={range .items[?(@.status.phase=="Running")]}{.metadata.name} {.metadata.deletionTimestamp}{"\n"}{end}' | awk 'NF == 1' | sort | xargs; }
expect_pod() { # expect_pod same|new
  local now; now=$(pods)
  [ "$(wc -w <<<"$now")" = 1 ] || fail "expected one pod; running: ${now:-none}"
  case $1 in
    same) [ "$now" = "$pod" ] || fail "the pod was replaced: $pod, now $now"; note "same pod" "$now" ;;
    new) [ "$now" != "${pod:-}" ] || fail "the pod was not replaced: $now"; note "new pod" "$now" ;;
  esac
  pod=$now
}
expect_served() { # expect_served PATH TEXT
  local got
  got=$(curl -sS --max-time 10 "http://127.0.0.1:$port$1") || fail "http://localhost:$port$1 does not answer"
  [[ $got == *"$2"* ]] || fail "http://localhost:$port$1 serves: $got"
  note served "http://localhost:$port$1 has \"$2\""
}
edit() { # edit FILE FROM TO
  grep -qF "$2" "$project/$1" || fail "$1 has no \"$2\""
  sed -i "s/$2/$3/" "$project/$1"
  note edit "$1: $2 -> $3"
}

need kubectl kubernetes-client
mkdir "$project"
cp -R "$sample/." "$project/"
port=$(free_port 3000)
sed -i "s/\"3000:8080\"/\"$port:8080\"/" "$project/devloop.yaml"
kubectl create namespace "$context_namespace" >/dev/null
namespace_made=1

step "1. devloop up: builds the base, then the app on it, deploys, forwards port $port"
start_up
await ready '"healthy":true'
expect_builds quickstart-base quickstart-app
expect_pod new
expect_served / 'version 1'

step '2. An edit of the app builds the app only'
begin
edit site/index.html 'version 1' 'version 2'
after site/index.html
expect_builds quickstart-app
expect_reason quickstart-app site/index.html
expect_pod new
expect_served / 'version 2'

step '3. An edit of the base builds the base, then the app, pinned to the new base'
begin
edit package/banner.txt 'version 1' 'version 2'
after package/banner.txt
expect_builds quickstart-base quickstart-app
expect_reason quickstart-base package/banner.txt
base=$(tag_of quickstart-base)
pinned=$(devloop_here dockerfile quickstart-app 2>/dev/null | grep '^FROM') || fail 'the Dockerfile of the app has no FROM line'
[ "$pinned" = "FROM quickstart-base:$base" ] || fail "expected FROM quickstart-base:$base; it is: $pinned"
note pinned "$pinned"
expect_pod new
expect_served /banner.txt 'version 2'

step '4. Edits that no build reads build nothing; neither does a save without a change'
begin
note edit 'README.md, notes/today.txt, package/notes.txt, then site/index.html saved as it was'
mkdir "$project/notes"
echo more >>"$project/README.md"
echo more >"$project/notes/today.txt"
echo more >"$project/package/notes.txt"
touch "$project/site/index.html"
# The save comes last and is looked at; what came before it would have been built by then.
after site/index.html
expect_builds
expect_pod same

step '5. Stopped and started again: nothing is built, nothing is applied, the same pod runs'
stop_up
start_up
await ready '"healthy":true'
expect_builds
! grep -q '"outcome":"applied"' "$scratch/step" || fail 'something was applied'
expect_pod same
expect_served / 'version 2'

step '6. devloop down: everything is deleted'
stop_up
devloop_here down >"$scratch/down.log" 2>&1 || { cat "$scratch/down.log" >&2; fail 'devloop down failed'; }
sed 's/^ */  /' "$scratch/down.log"
kubectl -n "$context_namespace" get deployments,services -o name >"$scratch/left"
[ ! -s "$scratch/left" ] || fail "left behind: $(xargs <"$scratch/left")"

printf '\nThe tour is over: 6 steps, all as they should be, in %ss.\n' "$((SECONDS - began))"
