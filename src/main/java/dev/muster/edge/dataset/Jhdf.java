package dev.muster.edge.dataset;

import io.jhdf.exceptions.HdfFilterException;
import io.jhdf.exceptions.UnsupportedHdfException;

/// jHDF believes what a file says: what a broken one makes it throw is a finding, not a fault of ours.
final class Jhdf {
    private static final int SHOWN_MAX = 160;
    private static final int DEPTH_MAX = 20;

    private Jhdf() {}

    interface Question<T> {
        T ask();
    }

    static <T> T asked(String expected, Question<T> question) throws Unsound {
        try {
            return question.ask();
        } catch (StackOverflowError e) {
            throw new Unsound(expected, "parts that contain one another");
        } catch (OutOfMemoryError e) {
            throw new Unsound(expected, "a length that does not fit into memory");
        } catch (RuntimeException | LinkageError | InternalError e) {
            throw Unsound.quoting(expected, reason(e), isUnsupported(e));
        }
    }

    private static boolean isUnsupported(Throwable thrown) {
        Throwable at = thrown;
        for (int depth = 0; depth < DEPTH_MAX && at != null; depth++, at = at.getCause()) {
            // It counts in whole numbers of 32 bits.
            if (at instanceof ArithmeticException || at instanceof LinkageError) return true;
            if (at instanceof UnsupportedHdfException) return true;
            if (at instanceof HdfFilterException && said(at).contains("is not available")) return true;
        }
        return false;
    }

    /// The innermost cause knows best, the outermost says where.
    private static String reason(Throwable outer) {
        Throwable inner = outer;
        for (int depth = 0; depth < DEPTH_MAX && inner.getCause() != null; depth++) inner = inner.getCause();
        String where = said(outer);
        String why = inner == outer ? "" : " (" + said(inner) + ")";
        String all = where + why;
        return all.length() > SHOWN_MAX ? all.substring(0, SHOWN_MAX) + "…" : all;
    }

    private static String said(Throwable thrown) {
        String message = thrown.getMessage();
        return message == null || message.isBlank() ? thrown.getClass().getSimpleName() : message;
    }
}
