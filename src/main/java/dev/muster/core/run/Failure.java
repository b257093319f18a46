package dev.muster.core.run;

import java.util.OptionalInt;
import java.util.regex.Pattern;

/// Why a run failed, as far as its log and its exit code tell.
///
/// @param proof the line that says so; where no line does, what else does
public record Failure(Kind kind, String proof) {
    /// In the order in which they count when several are near the end: a cause before what comes of it, which a lost connection
    /// and a killed process most often are.
    public enum Kind {
        GPU_MEMORY(
                "out of GPU memory",
                "Reduce the batch size (training.batch_size), raise accum_steps to make up for it, or take a larger GPU.",
                "CUDA out of memory|OutOfMemoryError|cudaErrorMemoryAllocation|CUDA_ERROR_OUT_OF_MEMORY"
                        + "|CUDA error: out of memory|CUBLAS_STATUS_ALLOC_FAILED|HIP out of memory"
                        + "|RESOURCE_EXHAUSTED: Out of memory"),
        HOST_MEMORY(
                "out of memory on the host",
                "Take a machine with more memory, or fewer workers (training.num_workers) and a smaller cache. For shared"
                        + " memory, raise the container's /dev/shm.",
                "\\bMemoryError\\b|DefaultCPUAllocator|Cannot allocate memory|std::bad_alloc|Out of memory: Killed process"
                        + "|oom-kill|OOM-?[Kk]ill|^Killed$|: Killed\\b|out of shared memory|insufficient shared memory"),
        DISK_FULL(
                "disk full",
                "Rent a larger disk, or remove caches and old checkpoints; then resume from the last checkpoint.",
                "No space left on device|Disk quota exceeded|\\[Errno (28|122)\\]|disk is full"
                        + "|PytorchStreamWriter failed"),
        SHAPE(
                "dimension mismatch",
                "Validate the config (`muster run validate`): latent.dim, operator.pdet.input_dim, diffusion.latent_dim and the"
                        + " checkpoint have to agree.",
                "(?i:(dimension|dimensions|shape|size|feature_names|features|channels?)\\W{1,3}mismatch|mismatch(ed)? (in )?shape)"
                        + "|shapes cannot be multiplied|must match the (size|existing size)|Sizes of tensors must match"
                        + "|could not be broadcast|not aligned|is invalid for input of size|cannot reshape array"
                        + "|[Ee]xpected \\S{1,40} to have \\d{1,9} channels|inconsistent tensor size|Feature shape mismatch"),
        NOT_A_NUMBER(
                "NaN or infinite values",
                "Reduce the learning rate, clip gradients (training.grad_clip), and look for NaN in the data (`muster run"
                        + " check-data`).",
                "(?i:\\bnan\\b( or inf\\b)? (values? )?(detected|encountered|found|in (the )?(loss|grad|output|param|input|weight))"
                        + "|(is|are|was|became|contains?|has|got|hit|returned|produced)( a)? (nan|inf)(s|inite)?\\b"
                        + "|\\bnon-?finite (loss|grad|value)|loss\\w{0,20}[\"']?\\s{0,4}[:=]\\s{0,4}[\"']?[-+]?(nan|inf(inity)?)\\b)"
                        + "|FloatingPointError"),
        /// Of libraries that are not there, before files that are not there.
        IMPORTS(
                "a module is missing",
                "The environment lacks it, or has another version: mend the requirements or the image, and try locally first.",
                "ModuleNotFoundError|ImportError|undefined symbol|cannot open shared object file"),
        DATA(
                "missing or damaged data",
                "Look at the data and move bad files aside (`muster run check-data CONFIG --quarantine DIR`), get them again, check"
                        + " again, and remove the latent cache made of them; then launch it anew, or `muster run resume` it where its data"
                        + " lie on the nodes.",
                "Unable to (synchronously )?open|truncated file|file signature not found|Can't (synchronously )?read data"
                        + "|HDF5-DIAG|bad object header|FileNotFoundError|No such file or directory|BadZipFile"
                        + "|bad magic number|[Cc]hecksum (mismatch|is invalid)|PytorchStreamReader failed|\\bEOFError\\b"
                        + "|UnpicklingError|DatabaseError|database disk image is malformed|[Ff]ile is (corrupt|truncated)"),
        CUDA(
                "CUDA or driver",
                "Most often the machine: try another one, or an image for its driver. If it comes again with the same config, run"
                        + " with CUDA_LAUNCH_BLOCKING=1.",
                "CUDA error|CUDA driver|CUDNN_STATUS|CUBLAS_STATUS|cuDNN error|no kernel image|device-side assert"
                        + "|[Uu]nhandled ?cuda ?error|ncclUnhandledCudaError|NCCL WARN Cuda failure|NVIDIA-SMI has failed"
                        + "|\\bXid\\b|Found no NVIDIA driver|not compiled with CUDA|No CUDA GPUs|CUDA-capable device"
                        + "|uncorrectable ECC|fallen off the bus|illegal memory access"),
        NETWORK(
                "network",
                "Try again: the run resumes from its last checkpoint. If it comes again, another machine; downloads can be"
                        + " cached, W&B can be offline.",
                "Connection (refused|reset|aborted|timed out)|ConnectionError|ConnectionResetError|Max retries exceeded"
                        + "|Name or service not known|Temporary failure in name resolution|Network is unreachable"
                        + "|No route to host|\\bReadTimeout|ConnectTimeout|TimeoutError|SSLError|Broken ?[Pp]ipe|CommError"
                        + "|ProxyError|collective operation timeout|nccl(Remote|System)Error|HTTPError: 5\\d\\d"),
        KILLED(
                "killed",
                "Somebody or the host ended it: look at the machine (outbid, stopped, rebooted), then resume from the last"
                        + " checkpoint.",
                "Segmentation fault|Bus error|\\bSIG(TERM|KILL|HUP|SEGV|BUS|ABRT)\\b|^Terminated$|KeyboardInterrupt"
                        + "|Fatal Python error|killed by signal|received signal"),
        TRACEBACK(
                "an error in the program",
                "Read the traceback; run the same config locally before launching again.",
                ""),
        UNKNOWN("unknown", "Read the end of the log; run the same config locally before launching again.", "");

        private final String words;
        private final String advice;
        private final Pattern pattern;

        Kind(String words, String advice, String regex) {
            this.words = words;
            this.advice = advice;
            this.pattern = Pattern.compile(regex);
        }

        public String words() {
            return words;
        }

        /// The runbook's.
        public String advice() {
            return advice;
        }

        /// Not of those that no words tell.
        boolean isIn(String line) {
            return !pattern.pattern().isEmpty() && pattern.matcher(line).find();
        }
    }

    /// Reads a log of any length, line by line, in constant memory.
    public static final class Reader {
        /// The rest of a longer line is not looked at.
        private static final int LINE_MAX = 2_000;
        /// A run that wrote so many more lines went on: what it said before was not its end.
        private static final int NEAR = 200;
        /// Of signals, in exit codes of shells.
        private static final int SIGNALS = 128;

        private static final int SIGKILL = 9;

        private static final Pattern PREFIX =
                Pattern.compile("^(\\[?(default|rank|Rank) ?\\d{1,6}\\]?[:|]? ?)|\u001B\\[[0-9;]*[A-Za-z]");
        private static final Pattern EXCEPTION = Pattern.compile(
                "^([A-Za-z_][\\w.]{0,200})?(Error|Exception|Interrupt|Exit|Timeout|Full|BadZipFile|_pickle\\.\\w+)(:.*|$)");
        private static final Pattern HARMLESS =
                Pattern.compile("^\\s*(#|//)|[Ww]arning\\b|\\bWARN(ING)?\\b(?! Cuda failure)|^\\[W |\\b(INFO|DEBUG)\\b"
                        + "|[Nn]ever (fail|stop)|(?i:\\bretry|fallback|fall back|\\bif \\w+ is\\b)");
        private static final Pattern NO_NAN = Pattern.compile(
                "(?i:\\b(no|0|zero|without|skip\\w*|ignor\\w*|replac\\w*|fill\\w*|check\\w*)\\b[^.;]{0,20}\\bnans?\\b"
                        + "|\\bnans?\\b[^.;]{0,25}[:=]\\s{0,3}(0|false|none|no|ok)\\b)");

        private record Found(Kind kind, String line, long number, boolean fatal) {
            /// Exceptions that say what was wrong, then remarks that do, then those that do not.
            int rank() {
                int generic = kind == Kind.TRACEBACK ? 2 * Kind.values().length : 0;
                return generic + kind.ordinal() + (fatal ? 0 : Kind.values().length);
            }
        }

        /// One of each kind and force: the first of the last ones.
        private final Found[] found = new Found[2 * Kind.values().length];
        private long lines;
        private boolean inTraceback;
        private boolean afterWarning;

        public Reader line(String written) {
            lines++;
            String line = clean(written);
            if (line.isBlank()) return this;
            boolean indented = Character.isWhitespace(line.charAt(0)) || line.charAt(0) == '│' || line.charAt(0) == '╭';
            // Source lines and comments of the program, which may say anything.
            if ((inTraceback || afterWarning) && indented) return this;
            if (line.contains("Traceback (most recent call last)")) {
                inTraceback = true;
                return this;
            }
            boolean exception = inTraceback || EXCEPTION.matcher(line).find();
            inTraceback = false;
            afterWarning = !exception && HARMLESS.matcher(line).find();
            if (exception) judge(line, true);
            else if (!afterWarning) judge(line, false);
            return this;
        }

        /// What stands last of a line that was written over again and again, without colours and ranks.
        static String clean(String written) {
            String line = written.stripTrailing();
            line = line.substring(line.lastIndexOf('\r') + 1);
            if (line.length() > LINE_MAX) line = line.substring(0, LINE_MAX);
            return PREFIX.matcher(line).replaceAll("");
        }

        private void judge(String line, boolean fatal) {
            for (Kind kind : Kind.values()) {
                if (!kind.isIn(line)) continue;
                if (kind == Kind.NOT_A_NUMBER && !fatal && NO_NAN.matcher(line).find()) continue;
                keep(new Found(kind, line.strip(), lines, fatal));
                return;
            }
            if (fatal) keep(new Found(Kind.TRACEBACK, line.strip(), lines, true));
        }

        private void keep(Found next) {
            int at = 2 * next.kind().ordinal() + (next.fatal() ? 1 : 0);
            Found known = found[at];
            // Of tracebacks the last one ended it; of what is known, the first of many is the cause.
            if (known == null || next.kind() == Kind.TRACEBACK || lines - known.number() > NEAR) found[at] = next;
        }

        /// @param exit the exit code, where there is one; above 128 and below 0 it is a signal's
        public Failure failure(OptionalInt exit) {
            Found best = null;
            for (Found one : found) {
                if (one == null || lines - one.number() > NEAR) continue;
                if (best == null || one.rank() < best.rank()) best = one;
            }
            boolean told = best != null && best.kind() != Kind.TRACEBACK && best.kind() != Kind.KILLED;
            if (best != null && told) return new Failure(best.kind(), best.line());
            int signal = exit.isEmpty() ? 0 : signal(exit.getAsInt());
            if (signal == SIGKILL)
                return new Failure(
                        Kind.HOST_MEMORY,
                        "exit code " + exit.getAsInt()
                                + ": killed from outside, most often for want of memory; no line says why");
            if (best != null) return new Failure(best.kind(), best.line());
            if (signal > 0) return new Failure(Kind.KILLED, "exit code " + exit.getAsInt() + ": signal " + signal);
            return latest(exit);
        }

        private static int signal(int exit) {
            if (exit < 0 && exit > -SIGNALS) return -exit;
            return exit > SIGNALS && exit < SIGNALS + 65 ? exit - SIGNALS : 0;
        }

        private Failure latest(OptionalInt exit) {
            Found last = null;
            for (Found one : found) if (one != null && (last == null || one.number() > last.number())) last = one;
            if (last != null) return new Failure(last.kind(), last.line());
            return new Failure(
                    Kind.UNKNOWN,
                    (exit.isPresent() ? "exit code " + exit.getAsInt() + ", and " : "") + lines
                            + (lines == 1 ? " line" : " lines") + " of log that say nothing of an error");
        }
    }
}
