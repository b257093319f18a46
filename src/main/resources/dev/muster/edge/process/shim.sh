#!/bin/sh
# The leader of one attempt's session. It outlives the agent: it starts the command at most once, keeps its output in
# segments, and writes its exit status to a file. POSIX sh, coreutils or busybox; dash, ash and bash are tested.
#
#   setsid sh shim.sh DIR TOOLS_PATH MARKER SEGMENT_BLOCKS LOG_CAP RETRY_S COMMAND [ARG...]
#
# DIR holds: claim      who decided about the start, and once: "shim PID START_TICKS BOOT_ID" or "agent"
#            job        "PID START_TICKS" of the command; other children of this shell are its tools, not to be killed
#            log.N      output; N is the offset of the segment's first byte since the start
#            dropped    exists when output was dropped because it could not be written
#            exit.tmp   32 bytes reserved by the agent, so that a full disk has room for the status
#            exit       "exit STATUS"; 128 + n means signal n, 125 means that this shim failed
#
# The job's environment is this shell's, so variables here start with muster_ (ProcessSpec reserves the prefix).

muster_dir=$1 muster_marker=$3 muster_blocks=$4 muster_cap=$5 muster_retry=$6 muster_path=$PATH
PATH=$2
shift 6
trap '' HUP INT QUIT TERM # for the tools too; the command gets the defaults back

# "PID START_TICKS" of the process that calls it: built-ins only, so /proc/self is the caller. See proc(5), field 22.
identity() {
    read -r muster_stat </proc/self/stat || return 1
    set -- "${muster_stat%% *}" ${muster_stat##*) }
    muster_self="$1 ${21}"
}

# link(2) either makes the claim with its whole content or fails: there is no moment with half a claim. Who won is read
# from the claim and not from the status of ln, which may have been killed after its work.
claim() {
    identity && read -r muster_boot </proc/sys/kernel/random/boot_id || return 1
    echo "shim $muster_self $muster_boot" >"$muster_dir/claim.$$" && ln "$muster_dir/claim.$$" "$muster_dir/claim"
    rm -f "$muster_dir/claim.$$"
    read -r muster_claim <"$muster_dir/claim" && [ "$muster_claim" = "shim $muster_self $muster_boot" ]
}

# dd writes what it reads at once and ends after so many reads or at the end of the input: a segment is at most
# SEGMENT_BLOCKS * 4096 bytes. Without room for it, output is dropped for RETRY_S seconds at a time, so that the job
# neither stops nor dies of SIGPIPE, and the log says so where it goes on. (true and not ":", whose failed redirection
# would end the shell.)
write_log() {
    at=0 kept=0 note=
    while :; do
        segment=$muster_dir/log.$at
        if [ -n "$note" ] && printf '%s\n' "$note" >>"$segment"; then
            note=
        fi
        true >>"$segment"
        before=$(wc -c <"$segment") || before=0
        dd bs=4096 count="$muster_blocks" >>"$segment" 2>/dev/null
        failed=$?
        size=$(wc -c <"$segment") || size=0
        if [ "$failed" -eq 0 ] && [ "$size" -eq "$before" ]; then
            [ "$size" -gt 0 ] || rm -f "$segment"
            return
        fi
        if [ "$size" -gt 0 ]; then
            at=$((at + size))
            kept="$kept $at"
        fi
        set -- $kept
        while [ $# -gt 1 ] && [ $((at - $2)) -ge "$muster_cap" ]; do
            rm -f "$muster_dir/log.$1"
            shift
        done
        kept="$*"
        if [ "$failed" -ne 0 ]; then
            true >"$muster_dir/dropped"
            note='[muster: output was dropped here, because the log could not be written]'
            timeout -s KILL "$muster_retry" cat >/dev/null # TERM is ignored
            case $? in
                0) printf '%s\n' "$note" >>"$muster_dir/log.$at"; return ;;
                124 | 137) ;;
                *) cat >/dev/null; return ;;
            esac
        fi
    done
}

# The status goes into the reserved bytes and reaches the disk before the name does.
keep_status() {
    { printf 'exit %-26d\n' "$1" | dd of="$muster_dir/exit.tmp" conv=notrunc,fsync ||
        printf 'exit %-26d\n' "$1" >"$muster_dir/exit.tmp"; } 2>/dev/null && mv -f "$muster_dir/exit.tmp" "$muster_dir/exit"
}

# A disk that refuses even this is asked again for ten minutes.
finish() {
    muster_tries=0
    until keep_status "$1" || [ "$muster_tries" -ge 60 ]; do
        muster_tries=$((muster_tries + 1))
        sleep 10
    done
}

claim || exit 1

# A pipe with both ends in this shell, made of a name that is gone at once: 4 reads, 5 writes.
# ("command", because a failed redirection of a plain exec would end the shell before it kept a status.)
if ! mkfifo "$muster_dir/pipe" || ! command exec 3<>"$muster_dir/pipe" 4<"$muster_dir/pipe" 5>"$muster_dir/pipe" 3>&-; then
    finish 125
    exit 1
fi
rm -f "$muster_dir/pipe"

# exec, because redirections of a function are undone after it and keep copies of what they close until then.
(
    exec <&4 4<&- 5>&- >/dev/null
    write_log
) &
muster_writer=$!
exec 4<&-

(
    trap - HUP INT QUIT TERM
    identity && echo "$muster_self" >"$muster_dir/job" || exit 125
    # When memory runs out, the kernel takes the job and not the agent.
    { echo 500 >/proc/self/oom_score_adj; } 2>/dev/null
    # When cores run out, the agent, which answers for the node, goes before its jobs. Linux shares the CPU between
    # sessions first, where autogroups are on (see sched(7)), and between processes otherwise.
    { echo 10 >/proc/self/autogroup; } 2>/dev/null
    renice -n 10 -p "${muster_self%% *}" >/dev/null 2>&1
    PATH=$muster_path
    export MUSTER_PROCESS="$muster_marker"
    exec "$@"
) </dev/null >&5 2>&1 5>&-
muster_status=$?

exec 5>&-
finish "$muster_status"
sync "$muster_dir" 2>/dev/null
wait "$muster_writer"
