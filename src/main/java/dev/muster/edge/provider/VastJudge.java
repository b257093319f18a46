package dev.muster.edge.provider;

import dev.muster.edge.view.Doc;
import java.util.List;
import java.util.Locale;

/// What Vast's answers mean, whatever their status: `success: false` comes with 200, too, and a bad key with 404.
final class VastJudge implements Rest.Judge {
    @Override
    public void check(int status, Doc answer) throws ProviderFailure {
        boolean yes = status < 300 && !Read.text(answer, "success").equals("false");
        if (yes || leftOver(answer)) return;
        String said = said(answer);
        String code = code(Read.text(answer, "error"), said.toLowerCase(Locale.ROOT));
        if (status == 401 || status == 403 || code.equals("auth_error")) throw denied(status, said);
        throw new ProviderFailure.Refused(
                VastProvider.NAME,
                code.isEmpty() ? "http_" + status : code,
                said.isEmpty() ? "refused, " + status : said);
    }

    private static ProviderFailure denied(int status, String said) {
        boolean expired = said.toLowerCase(Locale.ROOT).contains("expired");
        return new ProviderFailure.Denied(
                VastProvider.NAME,
                (expired ? "the key has expired (" : "the key is not accepted (") + status + " " + said + ")",
                expired);
    }

    @Override
    public boolean isAnswer(Doc answer) {
        return leftOver(answer);
    }

    /// A no, and a machine all the same: so it is with a bid that does not win. It stands still, and is billed.
    static boolean leftOver(Doc answer) {
        return answer.has("new_contract") && (!Read.flag(answer, "success") || answer.has("error"));
    }

    static String said(Doc answer) {
        return Read.first(answer, "msg", "error", "detail");
    }

    /// Vast's word for it, which stands in different places.
    private static String code(String error, String said) {
        if (said.contains("user key") || said.contains("session expired") || said.contains("requires login"))
            return "auth_error";
        if (said.contains("state change queued")) return ProviderFailure.QUEUED;
        if (said.contains("lacks credit")) return ProviderFailure.NO_CREDIT;
        for (String known : List.of(ProviderFailure.NO_OFFER, ProviderFailure.NO_MACHINE, ProviderFailure.NO_CREDIT)) {
            if (error.equals(known) || said.contains(known)) return known;
        }
        return error;
    }
}
