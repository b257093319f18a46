package dev.muster.core.rent;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Vast's query words: `gpu_name=RTX_4090 num_gpus>=2 geolocation in [US,SE] verified=any`.
///
/// In words, `_` is a blank; `any` takes away what was asked of a field before; numbers stay texts except where the
/// field has a unit. Unlike Vast's own command line, a field that nobody knows is an error, and a quoted text may have
/// blanks.
final class QueryText {
    private static final Pattern ASKED = Pattern.compile("([a-zA-Z0-9_]+)"
            + "(?:\\s*([=><!]++)|\\s+([lg]te?|nin|neq|eq|not ?eq|not ?in|in)(?=[\\s\\[\"]))\\s*"
            + "(\\[[^\\]]*]|\"[^\"]*\"|[^\\s]+)[\\s,]*");
    private static final TreeMap<String, Condition.Op> OPS = new TreeMap<>();

    static {
        op(Condition.Op.EQ, "=", "==", "eq");
        op(Condition.Op.NEQ, "!=", "neq", "noteq", "not eq");
        op(Condition.Op.GT, ">", "gt");
        op(Condition.Op.GTE, ">=", "gte");
        op(Condition.Op.LT, "<", "lt");
        op(Condition.Op.LTE, "<=", "lte");
        op(Condition.Op.IN, "in");
        op(Condition.Op.NOTIN, "notin", "not in", "nin");
    }

    private static void op(Condition.Op op, String... words) {
        for (String word : words) OPS.put(word, op);
    }

    private QueryText() {}

    /// Adds what the words ask to what was asked before; of the same field and operator, the later counts.
    ///
    /// @throws BadQuery when they cannot be understood
    static List<Condition> and(List<Condition> before, String words) {
        List<Condition> conditions = new ArrayList<>(before);
        String text = words.strip();
        Matcher matcher = ASKED.matcher(text);
        int at = 0;
        while (at < text.length()) {
            if (!matcher.find(at) || matcher.start() != at) throw unclear(text, at);
            one(conditions, matcher.group(1), operator(matcher), matcher.group(4));
            at = matcher.end();
        }
        return conditions;
    }

    private static String operator(Matcher matcher) {
        return matcher.group(2) == null ? matcher.group(3) : matcher.group(2);
    }

    private static BadQuery unclear(String text, int at) {
        String rest = text.substring(at);
        // `gpu_name=RTX 4090` looks like two conditions.
        if (at > 0 && rest.matches("(?s)[A-Za-z0-9]+(\\s+.*)?"))
            return BadQuery.of("expected another condition after \""
                    + text.substring(0, at).strip() + "\", but found \"" + rest
                    + "\"; a blank in a value is written as _, as in gpu_name=RTX_4090");
        Matcher word = Pattern.compile("\\w+").matcher(rest);
        if (word.lookingAt() && OfferField.of(word.group()).isEmpty()) return BadQuery.field(word.group());
        return BadQuery.of(
                "expected conditions such as num_gpus>=2 or 'geolocation in [US,SE]', but found \"" + rest + "\"");
    }

    private static void one(List<Condition> conditions, String word, String operator, String written) {
        String field = OfferField.of(word).orElseThrow(() -> BadQuery.field(word));
        Condition.Op op = OPS.get(operator);
        if (op == null)
            throw BadQuery.of(
                    "expected one of = != > >= < <= in notin after " + word + ", but found \"" + operator + "\"");
        String value = trimmed(written);
        if (value.isEmpty()) throw BadQuery.of("expected a value after " + word + operator + ", but found none");
        if (value.equals("any") || value.equals("*") || value.equals("?")) {
            if (op != Condition.Op.EQ)
                throw BadQuery.of("expected " + word + "=" + value + ", but found \"" + word + " " + operator + " "
                        + value + "\"");
            conditions.removeIf(condition -> condition.field().equals(field));
            return;
        }
        if (OfferField.isNumber(field)) numbers(word + (op.word().equals(operator) ? " " : "") + operator, value);
        put(conditions, new Condition(field, op, literal(field, op, value)));
    }

    /// What is compared with a number has to be one, and nothing that offers say is below 0.
    private static void numbers(String asked, String value) {
        for (String one : value.split(",")) {
            String text = text(one.strip());
            if (text.equals("None") || text.equals("null")) continue;
            OptionalDouble number = Condition.number(text);
            if (number.isEmpty())
                throw BadQuery.of("expected a number after " + asked + ", but found \"" + text + "\"");
            if (number.getAsDouble() < 0)
                throw BadQuery.of("expected 0 or more after " + asked + ", but found \"" + text + "\"");
        }
    }

    /// As it could have been written.
    static String words(Condition condition) {
        String before = condition.field() + " " + word(condition.op()) + " ";
        return switch (condition.value()) {
            case Condition.Literal.Text(String text) -> before + quoted(text);
            case Condition.Literal.Flag(boolean flag) -> before + flag;
            case Condition.Literal.Nothing() -> before + "None";
            case Condition.Literal.Number(double number) -> before + number(condition.field(), number);
            case Condition.Literal.Many(List<String> texts) ->
                before + "[" + texts.stream().map(QueryText::quoted).collect(Collectors.joining(",")) + "]";
        };
    }

    private static String word(Condition.Op op) {
        return switch (op) {
            case EQ -> "=";
            case NEQ -> "!=";
            case GT -> ">";
            case GTE -> ">=";
            case LT -> "<";
            case LTE -> "<=";
            case IN -> "in";
            case NOTIN -> "notin";
        };
    }

    private static String quoted(String text) {
        return "\"" + text + "\"";
    }

    private static String number(String field, double number) {
        double written = number / OfferField.factor(field).orElse(1);
        return field.equals(OfferField.DRIVER)
                ? version((long) number)
                : BigDecimal.valueOf(written).toPlainString();
    }

    private static String version(long number) {
        return number / 1_000_000 + "." + number / 1_000 % 1_000 + "." + number % 1_000;
    }

    static void put(List<Condition> conditions, Condition added) {
        for (int index = 0; index < conditions.size(); index++) {
            Condition old = conditions.get(index);
            if (old.field().equals(added.field()) && old.op() == added.op()) {
                conditions.set(index, added);
                return;
            }
        }
        conditions.add(added);
    }

    private static String trimmed(String written) {
        return written.replaceAll("^[,\\[\\]]+|[,\\[\\]]+$", "").strip();
    }

    private static Condition.Literal literal(String field, Condition.Op op, String value) {
        if (op == Condition.Op.IN || op == Condition.Op.NOTIN) return new Condition.Literal.Many(texts(value));
        String text = text(value);
        OptionalDouble factor = OfferField.factor(field);
        if (factor.isPresent()) return new Condition.Literal.Number(number(field, text) * factor.getAsDouble());
        return switch (text) {
            case "true", "True" -> new Condition.Literal.Flag(true);
            case "false", "False" -> new Condition.Literal.Flag(false);
            case "None", "null" -> new Condition.Literal.Nothing();
            default -> field.equals(OfferField.DRIVER) ? version(text) : new Condition.Literal.Text(text);
        };
    }

    private static Condition.Literal version(String text) {
        OptionalDouble number = Condition.number(Condition.driver(text));
        return text.contains(".") && number.isPresent()
                ? new Condition.Literal.Number(number.getAsDouble())
                : new Condition.Literal.Text(text);
    }

    private static List<String> texts(String value) {
        List<String> texts = new ArrayList<>();
        for (String one : value.split(",")) {
            if (!one.isBlank()) texts.add(text(one.strip()));
        }
        return texts;
    }

    private static String text(String value) {
        return value.replace('_', ' ').replaceAll("^\"+|\"+$", "").strip();
    }

    private static double number(String field, String text) {
        return Condition.number(text)
                .orElseThrow(() -> BadQuery.of("expected a number after " + field + ", but found \"" + text + "\""));
    }
}
