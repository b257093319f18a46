#!/bin/sh
# What lies on a host, and everything that is done to it: install, configure, start, stop, upgrade, roll back, remove.
# It runs on the host, sent there by `muster up` (`sh -s`, `sh -c` or as a file) or by hand; each release holds a copy,
# from which systemd or the supervisor starts the agent. POSIX sh on Linux; dash, busybox ash and bash are tested.
#
#   host.sh [--root DIR] [--init auto|systemd|user|none] [--wait SECONDS] VERB [ARG...]
#
#   probe                                    what this host is, and what lies there; changes nothing
#   install RELEASE SHA256 [ARCH BYTES UNPACKED_BYTES] <TGZ    unpacks a bundle beside the others
#   configure NAME init|join|enrol [ARG...] <TOKEN             makes the data directory: `muster cluster init|join ARG...`;
#                                            enrol joins by a one-time token
#   secret NAME <VALUE                       lays it into data/secrets, for its owner only
#   start | stop | restart | status          the agent; its jobs go on through all of them
#   switch RELEASE                           makes it current and restarts a running agent; back again when it fails
#   rollback                                 switches to the release before
#   api METHOD PATH [<JSON]                  asks the agent's API with this node's token, and prints the JSON that it answers
#   uninstall [--with-data]                  stops the agent and removes everything but the data
#   unit                                     prints the unit file for systemd
#   agent, supervise                         what systemd and the supervisor start
#
# DIR (~/.muster) holds:
#   releases/RELEASE   unpacked bundles; the current one, the one before and the newest three stay
#   current            link to one of them, replaced by rename(2)
#   previous           the name of the one before
#   data/              the node's data directory; nothing here but `configure` and `uninstall --with-data` touches it
#   environment        NAME=VALUE lines for the agent and its jobs; optional, written by people
#   log/               what supervisor and agent print, `agent.out` and `agent.out.1`; the agent's own log is in data/logs
#   init               what starts the agent here: systemd, user or none
#   lock, supervisor.lock, supervisor.pid, starts, tmp/
#
# Output: `key=value` lines, one a line. Errors: words for people on stderr, and the exit status:
#   0 done, or nothing to do   1 another error    2 usage              3 the agent does not answer as it should
#   4 switched back: the new release did not answer, the old one does   10 the bundle is damaged
#   11 the bundle is for another machine          12 too little room   13 another node lives here
#   14 a tool is missing       15 another call works on this root      16 nothing there: no release, no node
#   17 the API said no
#
# shellcheck disable=SC2015 # `a && b || c`: c is for a failure of b, too
set -u

say() { printf '%s\n' "$*" >&2; }
die() {
    die_status=$1
    shift
    say "$@"
    exit "$die_status"
}

# Values never break a line.
out() { printf '%s=%s\n' "$1" "$(printf '%s' "$2" | tr -d '\000-\037\177')"; }

has() { command -v "$1" >/dev/null 2>&1; }

# A part of a second, where sleep knows parts.
doze() { sleep 0.2 2>/dev/null || sleep 1; }

# Seconds since boot: nobody sets this clock.
uptime_seconds() {
    read -r up _ </proc/uptime || up=0
    printf '%s' "${up%%.*}"
}

# ---- what this host is ----

missing_tools() {
    missing=
    for tool in bash tar gzip setsid flock split timeout; do
        has "$tool" || missing="$missing $tool"
    done
    has sha256sum || has openssl || has python3 || missing="$missing sha256sum"
    printf '%s' "${missing# }"
}

need_tools() {
    missing=$(missing_tools)
    [ -z "$missing" ] || die 14 "expected bash, coreutils, util-linux, tar and gzip on this host, but $missing is missing;" \
        "install it (on Debian: apt-get install bash coreutils util-linux tar gzip)"
}

is_root() { [ "$(id -u)" = 0 ]; }

has_user_systemd() {
    [ -d "/run/user/$(id -u)" ] && has loginctl &&
        XDG_RUNTIME_DIR=/run/user/$(id -u) systemctl --user show-environment >/dev/null 2>&1
}

# A user's systemd outlives the login only with lingering, which not every system lets a user turn on.
can_linger() {
    [ "$(loginctl show-user "$(id -un)" -p Linger 2>/dev/null)" = Linger=yes ] ||
        loginctl enable-linger "$(id -un)" >/dev/null 2>&1
}

# What starts the agent: as told, as it was started last, or what there is. Sets found_init when nobody told.
find_init() {
    [ "$init" = auto ] || return 0
    found_init=yes
    init=none
    if [ -f "$root/init" ]; then
        read -r init <"$root/init"
    elif [ -d /run/systemd/system ] && has systemctl; then
        if is_root; then init=systemd; elif has_user_systemd; then init=user; fi
    fi
}

free_bytes() {
    place=$root
    while [ ! -d "$place" ]; do place=$(dirname "$place"); done
    df -Pk "$place" | awk 'NR == 2 { printf "%.0f", $4 * 1024 }'
}

clock_ms() {
    now=$(date +%s%3N)
    case $now in
        *[!0-9]*) now=$(date +%s)000 ;;
    esac
    printf '%s' "$now"
}

libc() {
    for file in /lib/ld-musl-* /lib64/ld-musl-*; do
        [ ! -e "$file" ] || { printf musl; return; }
    done
    printf glibc
}

releases() {
    for folder in "$root"/releases/*/; do
        [ ! -f "$folder/muster.jar" ] || basename "$folder"
    done
}

current() { [ ! -L "$root/current" ] || basename "$(readlink "$root/current")"; }
previous() { [ ! -f "$root/previous" ] || head -n 1 "$root/previous"; }

probe() {
    find_init
    out root "$root"
    out arch "$(uname -m)"
    out kernel "$(uname -sr)"
    out libc "$(libc)"
    out hostname "$(uname -n)"
    out user "$(id -un)"
    out user_root "$(is_root && echo yes || echo no)"
    out init "$init"
    out missing "$(missing_tools)"
    out python3 "$(has python3 && echo yes || echo no)"
    out cores "$(getconf _NPROCESSORS_ONLN 2>/dev/null || grep -c ^processor /proc/cpuinfo)"
    out disk_free "$(free_bytes)"
    out clock_ms "$(clock_ms)"
    out releases "$(releases | tr '\n' ' ')"
    status
}

# ---- the node and its agent ----

node_name() {
    [ ! -f "$data/node.yaml" ] || sed -n 's/^name: *["'\'']\{0,1\}\([^"'\'' #]*\).*/\1/p' "$data/node.yaml" | head -n 1
}

# The pid in data/lock counts while that process holds the file open: a pid alone may be anybody's by now.
agent_pid() {
    [ -f "$data/lock" ] || return 1
    read -r pid <"$data/lock" || return 1
    case $pid in '' | *[!0-9]*) return 1 ;; esac
    for file in "/proc/$pid/fd"/*; do
        # shellcheck disable=SC3013 # dash, busybox and bash know it
        if [ "$file" -ef "$data/lock" ]; then
            printf '%s' "$pid"
            return
        fi
    done 2>/dev/null
    return 1
}

# http_get HOST PORT PATH: prints the answer. bash is there, because the launcher needs it; proxies are not for this.
http_get() {
    # shellcheck disable=SC2016 # for the bash inside
    timeout 5 bash -c 'exec 3<>"/dev/tcp/$1/$2" &&
        printf "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" "$3" "$1" >&3 && cat <&3' \
        - "$1" "$2" "$3" 2>/dev/null && return
    if has curl; then
        curl -s -m 5 --noproxy '*' "http://$1:$2$3"
    elif has wget; then
        (unset http_proxy HTTP_PROXY && wget -q -T 5 -O - "http://$1:$2$3" 2>/dev/null)
    else
        return 1
    fi
}

# Sets health_node and health_version to what answers where the agent said it listens; empty when nothing does.
ask_health() {
    health_node='' health_version=''
    [ -f "$data/api" ] && read -r host port <"$data/api" || return 1
    health=$(http_get "$host" "$port" /health) || return 1
    health_node=$(printf '%s' "$health" | sed -n 's/.*"node_id":"\([^"]*\)".*/\1/p')
    health_version=$(printf '%s' "$health" | sed -n 's/.*"version":"\([^"]*\)".*/\1/p')
    [ -n "$health_node" ]
}

version_of() { printf '%s' "${1#muster-}"; }

# The agent of this node answers, and with the current release.
is_well() {
    ask_health && [ "$health_node" = "$(node_name)" ] && [ "$health_version" = "$(version_of "$(current)")" ]
}

# A release that ends at once is not waited for: it was started this often in vain.
STARTS_MAX=4

await_health() {
    until=$(($(uptime_seconds) + wait))
    until is_well; do
        starts=0
        [ ! -f "$root/starts" ] || read -r starts <"$root/starts"
        [ "$(uptime_seconds)" -lt "$until" ] && [ "${starts:-0}" -lt "$STARTS_MAX" ] || return 1
        doze
    done
}

status() {
    find_init
    out current "$(current)"
    out previous "$(previous)"
    out node "$(node_name)"
    out init "$init"
    out supervised "$(is_supervised && echo yes || echo no)"
    ask_health
    if pid=$(agent_pid); then
        if [ -n "$health_node" ]; then out agent running; else out agent silent; fi
    else
        out agent stopped
    fi
    out pid "$pid"
    out health_node "$health_node"
    out health_version "$health_version"
}

# The answer to an order may take as long as an election.
API_SECONDS_MAX=45

# In bash, which the launcher needs anyway: /dev/tcp, and bytes that are counted and not lines. The token is read by the
# program that sends it, so that no process shows it.
api() {
    method=${1:-} path=${2:-}
    case $method in GET | POST | PUT | DELETE) ;; *) die 2 "expected GET, POST, PUT or DELETE, but found \"$method\"" ;; esac
    case $path in /*[!A-Za-z0-9._~/?=\&%:,+-]* | [!/]* | '') die 2 "expected the path of an API, but found \"$path\"" ;; esac
    need_node
    [ -f "$data/api" ] && read -r host port <"$data/api" || die 16 "expected an agent of $(node_name), but none has run here"
    [ -f "$data/token" ] || die 16 "expected the cluster's token in $data/token, but there is none"
    # Below sshd, bash reads the user's start-up files even for a command, and what they print would come first.
    # shellcheck disable=SC2016 # for the bash inside
    answer=$(BASH_ENV='' timeout "$API_SECONDS_MAX" bash --norc --noprofile -c '
        LC_ALL=C body=$(cat)
        exec 3<>"/dev/tcp/$1/$2" || exit 1
        printf "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %s\r\n\r\n%s" \
            "$3" "$4" "$1" "$(cat "$5")" "${#body}" "$body" >&3
        read -r _ status _ <&3 || exit 1
        chunked=
        while IFS= read -r line <&3; do
            line=${line%$'"'\\r'"'}
            case ${line,,} in "") break ;; transfer-encoding:*chunked*) chunked=yes ;; esac
        done
        printf "%s\n" "$status"
        [ -n "$chunked" ] || { cat <&3; exit; }
        while read -r size <&3; do
            size=$((16#${size%%[!0-9A-Fa-f]*}))
            [ "$size" -gt 0 ] || break
            head -c "$size" <&3
            read -r _ <&3
        done' - "$host" "$port" "$method" "$path" "$data/token" 2>/dev/null) ||
        die 3 "expected the agent of $(node_name) to answer $method $path, but it does not"
    status=${answer%%"$newline"*}
    body=${answer#*"$newline"}
    case $status in
        2??) printf '%s\n' "$body" ;;
        *)
            words=$(printf '%s' "$body" | sed -n 's/.*"message":"\(\([^"\\]\|\\.\)*\)".*/\1/p')
            die 17 "${words:-$method $path was answered with status $status}"
            ;;
    esac
}

newline='
'

say_why_silent() {
    ask_health
    if [ -n "$health_node" ]; then
        say "expected node $(node_name) to answer /health with version $(version_of "$(current)")," \
            "but found node $health_node with version $health_version"
    elif pid=$(agent_pid); then
        say "expected node $(node_name) to answer /health within $wait s, but process $pid does not answer;" \
            "look into $data/logs"
    else
        say "expected node $(node_name) to answer /health, but its agent ended; its last words:"
    fi
    case $init in
        none) tail -n 15 "$root/log/agent.out" >&2 2>/dev/null ;;
        *) control status --no-pager -n 15 "$unit" >&2 2>/dev/null ;;
    esac
}

# ---- one call at a time ----

take_lock() {
    mkdir -p "$root/tmp" "$root/log" || die 1 "cannot write to $root"
    has flock || need_tools
    exec 9>>"$root/lock"
    flock -n 9 || die 15 "expected to be the only call that works on $root, but another one does; try again when it is done"
}

# Replaces a small file whole.
write() {
    cat >"$1.new" && mv -f "$1.new" "$1"
}

# ---- install ----

sha256_of() {
    if has sha256sum; then
        sha256sum <"$1" | cut -c 1-64
    elif has openssl; then
        openssl dgst -sha256 -r <"$1" | cut -c 1-64
    else
        python3 -c 'import hashlib, sys; print(hashlib.file_digest(sys.stdin.buffer, "sha256").hexdigest())' <"$1"
    fi
}

# Beside the bundle: what the file system rounds up, and some to go on with.
ROOM_BYTES=67108864

install() {
    release=${1:-} sha=${2:-} arch=${3:-$(uname -m)} bytes=${4:-0} unpacked=${5:-0}
    need_release_name "$release"
    [ "${#sha}" = 64 ] || die 2 "expected the bundle's SHA-256 of 64 digits, but found \"$sha\""
    need_tools
    [ "$arch" = "$(uname -m)" ] ||
        die 11 "expected a bundle for $(uname -m), but $release is for $arch; make one on such a machine by ./dev dist --runtime"
    take_lock
    if [ -f "$root/releases/$release/muster.jar" ]; then
        cat >/dev/null
        out state there
        out release "$release"
        return
    fi
    need_room $((bytes + unpacked + ROOM_BYTES))
    rm -rf "$root"/tmp/*
    trap 'rm -rf "$root"/tmp/*' EXIT
    trap 'exit 130' HUP INT TERM
    cat >"$root/tmp/bundle.tgz" || die 12 "cannot write the bundle to $root: $(free_bytes) bytes are free"
    check_sha
    unpack
    publish
    remove_old_releases
    out state installed
    out release "$release"
}

need_release_name() {
    case $1 in
        '' | .* | *[!A-Za-z0-9._+-]*) die 2 "expected the name of a release, as muster-1.2.3-0a1b2c3d4e5f, but found \"$1\"" ;;
    esac
}

need_room() {
    free=$(free_bytes)
    [ "$free" -ge "$1" ] ||
        die 12 "expected $(($1 / 1048576)) MiB free at $root, but $((free / 1048576)) MiB are; make room, or choose another root"
}

check_sha() {
    found=$(sha256_of "$root/tmp/bundle.tgz")
    [ "$found" = "$sha" ] ||
        die 10 "expected a bundle with SHA-256 $sha, but $(wc -c <"$root/tmp/bundle.tgz" | tr -d ' ') bytes came with $found;" \
            "send it again"
}

# Its own java has to run before it counts as installed: that finds another libc, and a file system without programs.
unpack() {
    mkdir "$root/tmp/new" || die 1 "cannot write to $root"
    if ! tar -xzof - -C "$root/tmp/new" <"$root/tmp/bundle.tgz" 2>"$root/tmp/words"; then
        [ "$(free_bytes)" -ge 1048576 ] || die 12 "expected room to unpack $release at $root, but the disk is full"
        die 10 "cannot unpack $release: $(head -n 3 "$root/tmp/words")"
    fi
    rm -f "$root/tmp/bundle.tgz"
    new=$root/tmp/new/$release
    named=$(sed -n 's/^release=//p' "$new/bundle.properties" 2>/dev/null)
    [ "$named" = "$release" ] || die 10 "expected a bundle of $release, but found ${named:-no bundle.properties}"
    arch=$(sed -n 's/^arch=//p' "$new/bundle.properties")
    [ "$arch" = "$(uname -m)" ] || die 11 "expected a bundle for $(uname -m), but $release is for $arch"
    "$new/runtime/bin/java" -version >"$root/tmp/words" 2>&1 ||
        die 11 "expected the Java of $release to run here ($(libc)), but: $(head -n 3 "$root/tmp/words")"
}

publish() {
    sync -f "$new" 2>/dev/null || sync
    touch "$new"
    mkdir -p "$root/releases" && mv "$new" "$root/releases/$release" || die 1 "cannot move $release to $root/releases"
    sync -f "$root/releases" 2>/dev/null || sync
    [ -n "$(current)" ] || link_to "$release"
}

RELEASES_KEPT=3

remove_old_releases() {
    count=0
    # shellcheck disable=SC2012 # names of releases hold nothing that ls would change
    ls -t "$root/releases" | while read -r name; do
        count=$((count + 1))
        [ "$count" -gt "$RELEASES_KEPT" ] && [ "$name" != "$(current)" ] && [ "$name" != "$(previous)" ] || continue
        grep -qsF -- "$root/releases/$name/" /proc/[0-9]*/cmdline || rm -rf "${root:?}/releases/$name"
    done
}

# rename(2) by way of mv: whoever looks sees the old link or the new one. (-T: current is a link to a folder.)
link_to() {
    rm -f "$root/current.new"
    ln -s "releases/$1" "$root/current.new" && mv -fT "$root/current.new" "$root/current"
}

# ---- configure ----

configure() {
    name=${1:-} how=${2:-}
    [ -n "$name" ] || die 2 "expected the node's name"
    option=--token-file
    case $how in
        init | join) shift 2 ;;
        enrol) shift 2 && how=join option=--enrol-token-file ;;
        *) die 2 "expected init, join or enrol, but found \"$how\"" ;;
    esac
    take_lock
    need_current
    there=$(node_name)
    if [ -n "$there" ]; then
        [ "$there" = "$name" ] ||
            die 13 "expected no node or $name in $data, but found $there; uninstall that one, or choose another root"
        cat >/dev/null
        out state there
        out node "$there"
        return
    fi
    trap 'rm -f "$root/tmp/token"' EXIT
    trap 'exit 130' HUP INT TERM
    rm -f "$root/tmp/token"
    (umask 077 && cat >"$root/tmp/token") || die 12 "cannot write to $root/tmp"
    [ ! -s "$root/tmp/token" ] || set -- "$@" "$option" "$root/tmp/token"
    "$root/current/muster" cluster "$how" "$@" --name "$name" --data "$data" >&2 ||
        die 1 "muster cluster $how failed on this host; see above"
    out state configured
    out node "$name"
}

# ---- secret ----

secret() {
    name=${1:-}
    case $name in '' | [!A-Za-z_]* | *[!A-Za-z0-9_.-]*) die 2 "expected a secret's name, but found \"$name\"" ;; esac
    [ -d "$data" ] || die 16 "expected a node in $data, but found none; configure it first"
    (
        umask 077
        mkdir -p "$data/secrets" && chmod 700 "$data/secrets" &&
            cat >"$data/secrets/.$name.new" && mv -f "$data/secrets/.$name.new" "$data/secrets/$name"
    ) || die 12 "cannot write to $data/secrets"
    out secret "$name"
}

need_current() {
    [ -f "$root/current/muster.jar" ] || die 16 "expected a release in $root, but found none; install one first"
}

need_node() {
    need_current
    [ -n "$(node_name)" ] || die 16 "expected a node in $data, but found none; configure it first"
}

# ---- start and stop ----

start() {
    take_lock
    need_node
    find_init
    health_version=
    if is_supervised && agent_pid >/dev/null && is_well; then
        out state already
    else
        # One of another release is what a call left that was cut off in the middle.
        [ -z "$health_version" ] || [ "$health_version" = "$(version_of "$(current)")" ] || halt
        launch
        await_health || {
            say_why_silent
            exit 3
        }
        out state started
    fi
    out node "$health_node"
    out version "$health_version"
    out pid "$(agent_pid)"
    out init "$init"
}

launch() {
    [ "$init$found_init" != useryes ] || can_linger || init=none
    printf '%s\n' "$init" | write "$root/init"
    printf '0\n' | write "$root/starts"
    case $init in
        none) start_supervisor ;;
        *) start_unit ;;
    esac
}

is_supervised() {
    case $init in
        none) ! can_supervise ;;
        *) control is-active --quiet "$unit" ;;
    esac
}

# Nobody holds the supervisor's lock.
can_supervise() {
    [ -f "$root/supervisor.lock" ] || return 0
    (flock -n 8) 8>>"$root/supervisor.lock"
}

start_supervisor() {
    can_supervise || return 0
    (
        trap - HUP PIPE
        exec setsid sh "$root/current/host.sh" --root "$root" supervise
    ) </dev/null >>"$root/log/agent.out" 2>&1 9>&- &
}

# One per root and in a session of its own. It starts the agent again when it ended, after 1 s at first and 30 s at most.
supervise() {
    exec 8>>"$root/supervisor.lock"
    flock -n 8 || die 15 "expected to be the only supervisor of $root, but another one runs"
    trap '' HUP
    trap 'stopping=yes; [ -z "$child" ] || kill "$child" 2>/dev/null' TERM INT
    printf '%s\n' "$$" | write "$root/supervisor.pid"
    stopping='' child='' delay=1
    rotate_logs &
    rotating=$!
    while [ -z "$stopping" ]; do
        await_other_agent
        [ -z "$stopping" ] || break
        started=$(uptime_seconds)
        run_agent 8>&- &
        child=$!
        await_child
        child=''
        [ -z "$stopping" ] || break
        ran=$(($(uptime_seconds) - started))
        [ "$ran" -lt 60 ] || delay=1
        printf '%s supervisor: the agent ended with status %s after %s s; next start in %s s\n' \
            "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$ended" "$ran" "$delay"
        pause "$delay"
        delay=$((delay * 2))
        [ "$delay" -le 30 ] || delay=30
    done
    rm -f "$root/supervisor.pid"
    kill "$rotating"
}

# A signal ends wait early; the child's own status comes with the last one.
await_child() {
    while :; do
        wait "$child"
        ended=$?
        kill -0 "$child" 2>/dev/null || return 0
    done
}

pause() {
    sleep "$1" 8>&- &
    wait "$!"
}

# One that was started by hand, or by a supervisor that is gone, is left in peace.
await_other_agent() {
    while [ -z "$stopping" ] && agent_pid >/dev/null; do pause 1; done
}

LOG_BYTES_MAX=10485760

# The agent appends, so its file can be emptied below it.
rotate_logs() {
    # Not by a redirection of the call: dash would keep a copy, and with it the lock of a supervisor that was killed.
    exec 8>&-
    trap - TERM INT
    while sleep 60 && kill -0 "$$" 2>/dev/null; do
        [ "$(wc -c <"$root/log/agent.out")" -le "$LOG_BYTES_MAX" ] || {
            cp "$root/log/agent.out" "$root/log/agent.out.1"
            : >"$root/log/agent.out"
        }
    done
}

# The release by its own name and not by the link: what runs keeps reading its own jars when the link has moved on.
run_agent() {
    trap - HUP TERM INT
    release=$(current)
    need_node
    starts=0
    [ ! -f "$root/starts" ] || read -r starts <"$root/starts"
    printf '%s\n' "$((starts + 1))" | write "$root/starts"
    read_environment
    cd "$data" || exit 1
    exec "$root/releases/$release/muster" up --data "$data"
}

read_environment() {
    [ -f "$root/environment" ] || return 0
    while IFS= read -r line || [ -n "$line" ]; do
        case ${line%%=*} in
            '' | \#* | *[!A-Za-z0-9_]* | [0-9]*) ;;
            *) case $line in *=*) export "${line?}" ;; esac ;;
        esac
    done <"$root/environment"
}

stop() {
    take_lock
    find_init
    halt
    out state "$halted"
}

# Seconds that an agent gets to end by itself; its jobs do not notice.
STOP_SECONDS=30

# Sets halted.
halt() {
    halted=already
    if is_supervised; then
        halted=stopped
        case $init in
            none) stop_supervisor ;;
            *) control disable --now --quiet "$unit" || die 1 "systemctl could not stop $unit" ;;
        esac
    fi
    until=$(($(uptime_seconds) + STOP_SECONDS))
    while pid=$(agent_pid); do
        halted=stopped
        if [ "$(uptime_seconds)" -lt "$until" ]; then kill "$pid"; else kill -KILL "$pid"; fi 2>/dev/null
        doze
    done
}

stop_supervisor() {
    until=$(($(uptime_seconds) + STOP_SECONDS))
    until can_supervise; do
        pid=
        [ ! -f "$root/supervisor.pid" ] || read -r pid <"$root/supervisor.pid"
        [ -n "$pid" ] || { doze; continue; }
        if [ "$(uptime_seconds)" -lt "$until" ]; then kill "$pid"; else kill -KILL "$pid"; fi 2>/dev/null
        doze
    done
}

restart() {
    take_lock
    need_node
    find_init
    health_version=
    halt
    launch
    await_health || {
        say_why_silent
        exit 3
    }
    out state restarted
    out node "$health_node"
    out version "$health_version"
    out pid "$(agent_pid)"
    out init "$init"
}

# ---- systemd ----

control() {
    case $init in
        user) XDG_RUNTIME_DIR=/run/user/$(id -u) systemctl --user "$@" ;;
        *) systemctl "$@" ;;
    esac
}

unit_folder() {
    case $init in
        user) printf '%s' "${XDG_CONFIG_HOME:-$HOME/.config}/systemd/user" ;;
        *) printf /etc/systemd/system ;;
    esac
}

# Between quotes in a unit file.
in_unit() { printf '%s' "$1" | sed 's/["\\]/\\&/g; s/%/%%/g'; }

# KillMode and OOMPolicy: jobs live in the unit's control group, and neither a restart of the agent nor the end of a job
# that took too much memory may end the others.
unit_text() {
    target=multi-user.target
    [ "$init" = systemd ] || target=default.target
    cat <<TEXT
[Unit]
Description=Muster agent in $root
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
ExecStart=/bin/sh $root/current/host.sh --root $root agent
Environment="HOME=$(in_unit "$HOME")"
Environment="PATH=$(in_unit "$PATH")"
Restart=always
RestartSec=1
KillMode=process
OOMPolicy=continue
TimeoutStopSec=30
LimitNOFILE=65536
TasksMax=infinity

[Install]
WantedBy=$target
TEXT
}

start_unit() {
    mkdir -p "$(unit_folder)" && unit_text | write "$(unit_folder)/$unit" ||
        die 1 "cannot write $(unit_folder)/$unit"
    control daemon-reload && control enable --quiet "$unit" && control start --no-block "$unit" ||
        die 1 "systemctl could not start $unit"
}

# ---- upgrade and rollback ----

switch() {
    need_release_name "${1:-}"
    take_lock
    switch_to "$1"
}

rollback() {
    take_lock
    before=$(previous)
    [ -n "$before" ] || die 16 "expected a release before $(current), but none is recorded here; \`muster restart --upgrade\` installs another"
    switch_to "$before"
}

switch_to() {
    new=$1 old=$(current) older=$(previous)
    [ -f "$root/releases/$new/muster.jar" ] ||
        die 16 "expected release $new in $root, but found $(releases | tr '\n' ' '); install it first"
    find_init
    runs=no
    if is_supervised || agent_pid >/dev/null; then runs=yes; fi
    if [ "$new" = "$old" ] && { [ "$runs" = no ] || is_well; }; then
        out state already
        out release "$new"
        return
    fi
    move_to "$new" "$old"
    if [ "$runs" = no ] || { relaunch && await_health; }; then
        out state switched
        out release "$new"
        out running "$runs"
        return
    fi
    say_why_silent
    [ "$new" != "$old" ] || exit 3
    move_to "$old" "$older"
    relaunch && await_health || die 3 "$new failed, and now $old does not answer either; look into $data/logs"
    out state back
    out release "$old"
    die 4 "$new did not answer as it should; switched back to $old, which does"
}

move_to() {
    link_to "$1" || die 1 "cannot replace the link $root/current"
    [ "$1" = "$2" ] || printf '%s\n' "$2" | write "$root/previous"
}

relaunch() {
    halt
    launch
}

# ---- the end ----

uninstall() {
    case ${1:-} in
        '' | --with-data) ;;
        *) die 2 "expected --with-data or nothing, but found \"$1\"" ;;
    esac
    [ -d "$root" ] || { out state already; return; }
    take_lock
    find_init
    halt
    if [ "$init" != none ] && [ -f "$(unit_folder)/$unit" ]; then
        rm -f "$(unit_folder)/$unit"
        control daemon-reload
    fi
    [ -z "${1:-}" ] || rm -rf "$data"
    rm -rf "$root/releases" "$root/tmp" "$root/log" "$root/current" "$root/previous" "$root/init" "$root/starts" \
        "$root/supervisor.pid" "$root/supervisor.lock" "$root/lock"
    out data "$([ -d "$data" ] && echo kept || echo removed)"
    rmdir "$root" 2>/dev/null
    out state uninstalled
}

# ---- the call ----

usage() { die 2 "expected host.sh [--root DIR] [--init auto|systemd|user|none] [--wait SECONDS] VERB, but found $1"; }

main() {
    root=${HOME:-/root}/.muster init=auto found_init='' wait=60
    while :; do
        case ${1:-} in
            --root) root=${2:-} ;;
            --init) init=${2:-} ;;
            --wait) wait=${2:-} ;;
            *) break ;;
        esac
        [ $# -ge 2 ] || usage "$1 without a value"
        shift 2
    done
    # Also inside a unit file and between other words, so without anything that would have to be quoted.
    case $root in
        /*[!A-Za-z0-9._/@+-]* | [!/]* | '') usage "--root $root (absolute; letters, digits and ._/@+-)" ;;
    esac
    case $init in auto | systemd | user | none) ;; *) usage "--init $init" ;; esac
    case $wait in '' | *[!0-9]*) usage "--wait $wait" ;; esac
    HOME=${HOME:-/root}
    data=$root/data unit=muster.service
    [ "$root" = "$HOME/.muster" ] || unit=muster-$(printf '%s' "$root" | cksum | cut -d ' ' -f 1).service
    verb=${1:-}
    [ $# = 0 ] || shift
    # A lost connection does not end a call between stop and start. (What it starts gets the signals back.)
    case $verb in start | stop | restart | switch | rollback) trap '' HUP PIPE ;; esac
    case $verb in
        probe | install | configure | start | stop | restart | status | switch | rollback | uninstall | api | secret) "$verb" "$@" ;;
        supervise) supervise ;;
        agent) run_agent ;;
        unit) find_init && unit_text ;;
        '') usage 'no verb' ;;
        *) usage "$verb" ;;
    esac
}

main "$@"
