#!/bin/sh
# The working directory of jobs on one host, a git repository: where it stands, to another commit, and back.
#
#   code.sh status PATH                          changes nothing, asks no remote
#   code.sh sync PATH REF refuse|stash|force [COMMIT]   fetches, and checks out what REF names at the remote, or a commit;
#                                                with COMMIT that one, whatever REF names by now
#   code.sh rollback PATH refuse|stash|force     to what the last sync or rollback of ours replaced
#
# What was there before each change is recorded in .git/muster-code, a line per change: time, commit before, branch before
# (or -). `rollback` takes the last line away again, so that two of them go two changes back.
#
# Output: `key=value` lines. Errors: words on stderr, and the exit status:
#   0 done, or nothing to do   1 another error   2 usage   5 local changes or files, which nobody may lose
#   6 no such directory, or no repository       7 the remote did not answer, or has no such commit   14 no git
set -u

say() { printf '%s\n' "$*" >&2; }
die() {
    code=$1
    shift
    say "$@"
    exit "$code"
}
out() { printf '%s=%s\n' "$1" "$(printf '%s' "$2" | tr -d '\000-\037\177')"; }

# Nothing asks, nothing is paged, and a hook of the repository has no say in where it stands.
g() { GIT_TERMINAL_PROMPT=0 GIT_PAGER=cat git -c core.hooksPath=/dev/null -c advice.detachedHead=false "$@"; }

enter() {
    command -v git >/dev/null 2>&1 || die 14 "expected git on this host, but there is none; install it (apt-get install git)"
    case $1 in
        '~') place=$HOME ;;
        '~/'*) place=$HOME/${1#'~/'} ;;
        '') die 2 "expected the working directory's path, but it is empty; the host file's ringrift_path names it" ;;
        *) place=$1 ;;
    esac
    cd -- "$place" 2>/dev/null || die 6 "expected a directory $place, but there is none"
    top=$(g rev-parse --show-toplevel 2>/dev/null) || die 6 "expected a git repository at $place, but found none"
    cd -- "$top" || die 6 "cannot enter $top"
    record=$(g rev-parse --git-path muster-code)
}

branch() { g symbolic-ref -q --short HEAD || true; }
changed() { g status --porcelain --untracked-files=no | wc -l | tr -d ' '; }

status() {
    out commit "$(g rev-parse HEAD)"
    out subject "$(g log -1 --format=%s)"
    out branch "$(branch)"
    out changed "$(changed)"
    out ahead "$(g rev-list --count HEAD --not --remotes --tags 2>/dev/null || echo 0)"
    out behind "$(g rev-list --count 'HEAD..@{upstream}' 2>/dev/null || true)"
    previous=
    [ ! -s "$record" ] || previous=$(tail -n 1 "$record" | cut -d ' ' -f 2)
    out previous "$previous"
}

# Local changes are put aside, thrown away, or a reason not to begin. `stashed` tells how many files were put aside.
spare() {
    stashed=0 files=$(changed)
    [ "$files" != 0 ] || return 0
    case $1 in
        refuse) die 5 "expected no local changes, but found $files: $(g status --porcelain --untracked-files=no | head -n 3 | tr '\n' ';')" \
            "--stash puts them aside, --force throws them away" ;;
        stash)
            g stash push -q -m "muster $(date -u +%Y-%m-%dT%H:%M:%SZ)" >&2 || die 1 "git could not stash the local changes"
            stashed=$files
            ;;
        force) g reset -q --hard >&2 || die 1 "git could not throw away the local changes" ;;
        *) die 2 "expected refuse, stash or force, but found \"$1\"" ;;
    esac
}

# in_way COMMIT: the files that git does not know here (ignored ones too) and that COMMIT brings, a line each. What is
# ignored here, a data base say, git would overwrite without a word.
in_way() {
    g diff --name-only --no-renames --diff-filter=A HEAD "$1" | while IFS= read -r file; do
        if [ -e "$file" ] || [ -L "$file" ]; then printf '%s\n' "$file"; fi
    done
}

# clear_way COMMIT MANNER: nothing of the host's own stands in its way, or may be lost.
clear_way() {
    [ "$2" != force ] || return 0
    own=$(in_way "$1")
    [ -z "$own" ] ||
        die 5 "expected no file in the way of the new commit's, but found $(printf '%s\n' "$own" | wc -l | tr -d ' ') that git does not know here: $(printf '%s\n' "$own" | head -n 3 | tr '\n' ';')" \
            "move them, or --force overwrites them"
}

# move COMMIT BRANCH MANNER: a branch moves along, so that a pull by hand goes on from there.
move() {
    over=
    [ "$3" != force ] || over=-f
    # shellcheck disable=SC2086 # an option or none
    if [ "$2" = - ]; then g checkout -q $over --detach "$1" >&2; else g checkout -q $over -B "$2" "$1" >&2; fi
}

sync() {
    ref=$1 manner=$2 exact=${3:-}
    case $ref in '' | -*) die 2 "expected a branch, tag or commit, but found \"$ref\"" ;; esac
    remote=$(g remote | head -n 1)
    [ -n "$remote" ] || die 7 "expected a remote to fetch from, but this repository has none"
    g fetch -q --tags --prune "$remote" >&2 || die 7 "cannot fetch from $remote; can this host reach it, and with what key?"
    commit=$(g rev-parse -q --verify "refs/remotes/$remote/$ref^{commit}" ||
        g rev-parse -q --verify "refs/tags/$ref^{commit}" || g rev-parse -q --verify "$ref^{commit}") ||
        die 7 "expected $ref at $remote, but it has no such branch, tag or commit"
    if [ -n "$exact" ]; then
        commit=$(g rev-parse -q --verify "$exact^{commit}") || die 7 "expected commit $exact at $remote, but it has none"
    fi
    before=$(g rev-parse HEAD) on=$(branch)
    if [ "$commit" = "$before" ] && [ "$(changed)" = 0 ]; then
        out state already
        status
        return
    fi
    # Commits that nobody else has stay in the record and in git's own log, but a branch must not leave them behind unseen.
    lost=$(g rev-list --count HEAD --not --remotes --tags "$commit")
    [ "$lost" = 0 ] || [ "$manner" = force ] ||
        die 5 "expected nothing that only this host has, but found $lost commits that no remote has; push them, or --force leaves them behind"
    clear_way "$commit" "$manner"
    spare "$manner"
    target=-
    [ "$on" != "$ref" ] || target=$on
    move "$commit" "$target" "$manner" || die 1 "git could not check out $commit, for the reason above"
    printf '%s %s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$before" "${on:--}" >>"$record"
    out state synced
    out stashed "$stashed"
    status
}

rollback() {
    [ -s "$record" ] || die 6 "expected a record of what was here before, but there is none: no sync changed this repository, or each was taken back"
    # shellcheck disable=SC2046 # three words
    set -- "$1" $(tail -n 1 "$record")
    before=$3 on=$4 manner=$1
    g cat-file -e "$before^{commit}" 2>/dev/null || die 6 "expected commit $before, which was here before, but it is gone"
    clear_way "$before" "$manner"
    spare "$manner"
    move "$before" "$on" "$manner" || die 1 "git could not check out $before, for the reason above"
    sed '$d' "$record" >"$record.new" && mv -f "$record.new" "$record"
    out state back
    out stashed "$stashed"
    status
}

verb=${1:-}
[ $# -ge 2 ] || die 2 "expected a verb and a path"
shift
enter "$1"
shift
case $verb in
    status) status ;;
    sync) sync "${1:-}" "${2:-refuse}" "${3:-}" ;;
    rollback) rollback "${1:-refuse}" ;;
    *) die 2 "expected status, sync or rollback, but found \"$verb\"" ;;
esac
