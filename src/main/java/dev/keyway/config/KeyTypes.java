package dev.keyway.config;

import dev.keyway.access.AccessKey;
import dev.keyway.exchange.AllowedModels;
import dev.keyway.keys.KeyPoolOptions;
import dev.keyway.keys.KeySource;
import dev.keyway.keys.store.KeyStoreOptions;
import dev.keyway.wire.Secret;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The settings that hold credentials; of a refused one only position and id are told. */
final class KeyTypes {
    /** How a secret is shown of which not even a digest may be. */
    private static final String SET = "(set)";

    private static final String PLACEHOLDER = "your_openrouter_api_key_here";
    private static final String PREFIX = "sk-or-";
    private static final int LONGEST = 512;
    private static final int SHORT_ACCESS_KEY = 16;
    private static final int SHORT_ID_DIGITS = 8;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._@-]{1,64}");
    private static final Pattern SHA256 = Pattern.compile("[0-9A-Fa-f]{64}");

    private static final Map<String, Object> STRING = Map.of("type", "string");

    private KeyTypes() {}

    /** {@code openrouter.keys}: texts, or mappings of key, label and account; a key twice counts once. */
    static SettingType<List<KeyPoolOptions.Entry>> poolKeys() {
        return new ListType<>(PoolKey::new, true, true);
    }

    /** {@code server.access_keys}: mappings of name and key or key_sha256. */
    static SettingType<List<AccessKey>> accessKeys() {
        return new ListType<>(NamedAccessKey::new, false, true);
    }

    /** {@code server.access_key}, the client named {@code default}. */
    static SettingType<Optional<AccessKey>> accessKey() {
        return new SingleKey("default", "an access key is one text; several stand in server.access_keys", false);
    }

    /** {@code admin.secret}: a short one is refused. */
    static SettingType<Optional<AccessKey>> adminSecret() {
        return new SingleKey("admin", "a secret is one text", true);
    }

    /** {@code metrics.access_key}. */
    static SettingType<Optional<AccessKey>> metricsKey() {
        return new SingleKey("metrics", "a key is one text", false);
    }

    /** One credential that callers show, or null for none. */
    private static final class SingleKey implements SettingType<Optional<AccessKey>> {
        private final String name;
        private final String wrongType;
        /** Then it must not be short, and no digest of it is shown, which would help to guess it. */
        private final boolean peopleChoose;

        SingleKey(String name, String wrongType, boolean peopleChoose) {
            this.name = name;
            this.wrongType = wrongType;
            this.peopleChoose = peopleChoose;
        }

        @Override
        public Optional<Optional<AccessKey>> read(Reading reading) {
            if (reading.value() instanceof RawValue.Null none && !none.blank()) {
                return Optional.of(Optional.empty());
            }
            if (!(reading.value() instanceof RawValue.Text text)) {
                reading.problem(
                        reading.value() instanceof RawValue.Null
                                ? "has no value; write a key, or null for none"
                                : wrongType);
                return Optional.empty();
            }
            if (peopleChoose && !text.text().isBlank() && text.text().length() < SHORT_ACCESS_KEY) {
                reading.problem("is shorter than " + SHORT_ACCESS_KEY + " characters and easy to guess");
                return Optional.empty();
            }
            String hash = clear(reading, text.text(), "");
            return hash == null ? Optional.empty() : Optional.of(Optional.of(new AccessKey(name, hash)));
        }

        @Override
        public @Nullable Object show(Optional<AccessKey> value) {
            if (value.isEmpty()) {
                return null;
            }
            return peopleChoose ? SET : id(value.get());
        }

        @Override
        public Map<String, Object> schema() {
            return Map.of("type", List.of("string", "null"), "minLength", peopleChoose ? SHORT_ACCESS_KEY : 1);
        }

        @Override
        public boolean takesEmpty() {
            return true;
        }
    }

    /** {@code keys.master_key}; shown as being set and no more: of a passphrase a digest helps to guess it. */
    static SettingType<Optional<Secret>> masterKey() {
        return new SettingType<>() {
            @Override
            public Optional<Optional<Secret>> read(Reading reading) {
                if (reading.value() instanceof RawValue.Null none && !none.blank()) {
                    return Optional.of(Optional.empty());
                }
                int least = KeyStoreOptions.LEAST_MASTER_KEY;
                if (!(reading.value() instanceof RawValue.Text text)) {
                    reading.problem("a master key is one text of " + least + " characters or more, or null for none");
                    return Optional.empty();
                }
                String key = text.text().strip();
                if (key.codePointCount(0, key.length()) < least) {
                    reading.problem(
                            "is shorter than " + least + " characters; \"openssl rand -base64 32\" makes a good one");
                    return Optional.empty();
                }
                return Optional.of(Optional.of(new Secret(key)));
            }

            @Override
            public @Nullable Object show(Optional<Secret> value) {
                return value.isEmpty() ? null : SET;
            }

            @Override
            public Map<String, Object> schema() {
                return Map.of("type", List.of("string", "null"), "minLength", KeyStoreOptions.LEAST_MASTER_KEY);
            }

            @Override
            public boolean takesEmpty() {
                return true;
            }
        };
    }

    /** The access key's fingerprint, the same digits as {@link Secret#id()}. */
    static String id(AccessKey key) {
        return "k_" + key.sha256().substring(0, SHORT_ID_DIGITS);
    }

    private static final class PoolKey implements ListType.Item<KeyPoolOptions.Entry> {
        private static final Set<String> MEMBERS = Set.of("key", "label", "account");

        private final Map<Secret, KeyPoolOptions.Entry> before = new HashMap<>();

        @Override
        public KeyPoolOptions.@Nullable Entry read(Reading reading, int position) {
            String at = "key " + position;
            if (reading.value() instanceof RawValue.Text text) {
                return entry(reading, at, text.text().strip(), null, null);
            }
            if (!(reading.value() instanceof RawValue.Members mapping)) {
                reading.problem(at + " is neither a text nor a mapping of key, label and account");
                return null;
            }
            if (!MappingReader.onlyKnown(reading, mapping, at, MEMBERS)) {
                return null;
            }
            String key = MappingReader.text(mapping, "key");
            if (key == null) {
                reading.problem(at + " has no \"key\"");
                return null;
            }
            return entry(
                    reading, at, key, MappingReader.text(mapping, "label"), MappingReader.text(mapping, "account"));
        }

        private KeyPoolOptions.@Nullable Entry entry(
                Reading reading, String at, String key, @Nullable String label, @Nullable String account) {
            String wrong = wrong(key);
            if (wrong != null) {
                reading.problem(at + " " + wrong);
                return null;
            }
            if (!named(label) || !named(account)) {
                reading.problem(at + ": label and account are 1 to 64 characters");
                return null;
            }
            boolean variable = reading.value().origin().isVariable();
            return before.computeIfAbsent(
                    new Secret(key),
                    secret -> new KeyPoolOptions.Entry(
                            secret, label, account, variable ? KeySource.ENVIRONMENT : KeySource.CONFIG));
        }

        private static boolean named(@Nullable String name) {
            return name == null
                    || (!name.isBlank() && name.length() <= 64 && name.chars().noneMatch(Character::isISOControl));
        }

        private static @Nullable String wrong(String key) {
            if (key.isEmpty()) {
                return "is empty";
            }
            if (key.equals(PLACEHOLDER)) {
                return "is the placeholder " + PLACEHOLDER + "; put an OpenRouter key there";
            }
            String id = "(" + new Secret(key).id() + ")";
            if (!key.startsWith(PREFIX) || key.length() == PREFIX.length()) {
                return id + " does not start with " + PREFIX + "…, as OpenRouter's keys do";
            }
            if (!printable(key)) {
                return id + " contains a blank, a control character or a letter outside ASCII";
            }
            return key.length() > LONGEST ? id + " is longer than " + LONGEST + " characters" : null;
        }

        @Override
        public Object show(KeyPoolOptions.Entry entry) {
            String label = entry.label() == null ? "" : " label=" + Masking.visible(entry.label());
            String account = entry.account() == null ? "" : " account=" + Masking.visible(entry.account());
            return entry.secret().id() + label + account;
        }

        @Override
        public Map<String, Object> schema() {
            return Map.of(
                    "anyOf",
                    List.of(
                            Map.of("type", "string"),
                            MappingReader.schema(
                                    List.of("key"), Map.of("key", STRING, "label", STRING, "account", STRING))));
        }
    }

    private static final class NamedAccessKey implements ListType.Item<AccessKey> {
        private static final Set<String> MEMBERS =
                Set.of("name", "key", "key_sha256", "strip_comments", "models", "rate_limit");
        private static final ScalarType<Integer> RATE_LIMIT = Types.whole(1, Settings.MOST_REQUESTS);
        private static final int MAX_GLOBS = 100;
        private static final Pattern GLOB = Pattern.compile("[!-~]{1,128}");

        private final Set<String> names = new HashSet<>();
        private final Map<String, String> nameByHash = new HashMap<>();

        @Override
        public @Nullable AccessKey read(Reading reading, int position) {
            String at = "access key " + position;
            if (!(reading.value() instanceof RawValue.Members mapping)) {
                reading.problem(at + " is not a mapping of name and key (or key_sha256)");
                return null;
            }
            if (!MappingReader.onlyKnown(reading, mapping, at, MEMBERS)) {
                return null;
            }
            String name = MappingReader.text(mapping, "name");
            if (name == null || !NAME.matcher(name).matches() || name.equals("local")) {
                reading.problem(at + " needs a \"name\" of 1 to 64 of A-Z a-z 0-9 . _ @ - other than \"local\"");
                return null;
            }
            String hash = hash(reading, mapping, at);
            if (hash == null) {
                return null;
            }
            String other = names.contains(name) ? name : nameByHash.get(hash);
            if (other != null) {
                reading.problem(at + " has the same " + (other.equals(name) ? "name" : "key") + " as \""
                        + Masking.visible(other) + "\" above");
                return null;
            }
            Optional<Boolean> strip = stripComments(reading, mapping);
            Optional<AllowedModels> models = models(reading, mapping, at);
            RawValue limited = mapping.members().get("rate_limit");
            Optional<Integer> limit = limited == null ? Optional.empty() : RATE_LIMIT.read(reading.of(limited));
            if (strip.isEmpty() || models.isEmpty() || (limited != null && limit.isEmpty())) {
                return null;
            }
            names.add(name);
            nameByHash.put(hash, name);
            return new AccessKey(name, hash, strip.get(), models.get(), limit.orElse(null));
        }

        private static Optional<AllowedModels> models(Reading reading, RawValue.Members mapping, String at) {
            RawValue value = mapping.members().get("models");
            if (value == null) {
                return Optional.of(AllowedModels.ALL);
            }
            List<RawValue> items = value instanceof RawValue.Items list ? list.items() : List.of();
            List<String> globs = items.stream()
                    .map(item -> item instanceof RawValue.Text text ? text.text() : "")
                    .toList();
            if (globs.isEmpty()
                    || globs.size() > MAX_GLOBS
                    || !globs.stream().allMatch(glob -> GLOB.matcher(glob).matches())) {
                reading.of(value)
                        .problem(at + ": \"models\" is not a list of 1 to " + MAX_GLOBS
                                + " model names (examples: openai/gpt-4o, openai/*, \"*:free\")");
                return Optional.empty();
            }
            return Optional.of(new AllowedModels(globs));
        }

        private static Optional<Boolean> stripComments(Reading reading, RawValue.Members mapping) {
            RawValue value = mapping.members().get("strip_comments");
            return value == null ? Optional.of(false) : Types.bool().read(reading.of(value));
        }

        private static @Nullable String hash(Reading reading, RawValue.Members mapping, String at) {
            String key = MappingReader.text(mapping, "key");
            String sha256 = MappingReader.text(mapping, "key_sha256");
            if ((key == null) == (sha256 == null)) {
                reading.problem(at + " needs either \"key\" or \"key_sha256\"");
                return null;
            }
            if (key != null) {
                return clear(reading, key, at + " ");
            }
            if (sha256 == null || !SHA256.matcher(sha256).matches()) {
                reading.problem(at + ": key_sha256 is not 64 hex digits");
                return null;
            }
            return sha256.toLowerCase(Locale.ROOT);
        }

        @Override
        public Object show(AccessKey key) {
            String models = key.models().restrict()
                    ? " models=" + String.join(",", key.models().globs())
                    : "";
            return key.name() + " " + id(key) + (key.stripComments() ? " strip_comments" : "") + models
                    + (key.rateLimit() == null ? "" : " rate_limit=" + key.rateLimit());
        }

        @Override
        public Map<String, Object> schema() {
            return MappingReader.schema(
                    List.of("name"),
                    Map.of(
                            "name",
                            STRING,
                            "key",
                            STRING,
                            "key_sha256",
                            STRING,
                            "strip_comments",
                            Map.of("type", "boolean"),
                            "models",
                            Map.of("type", "array", "minItems", 1, "items", STRING),
                            "rate_limit",
                            RATE_LIMIT.schema()));
        }
    }

    /** The SHA-256 of an access key written in clear, or null with a problem. */
    private static @Nullable String clear(Reading reading, String key, String at) {
        if (key.isBlank()) {
            reading.problem(at + "is empty; an empty access key is an error, never \"none\"");
            return null;
        }
        if (!printable(key) || key.length() > LONGEST) {
            reading.problem(at + "contains a blank, a control character or a letter outside ASCII, or is longer than "
                    + LONGEST + " characters");
            return null;
        }
        if (key.length() < SHORT_ACCESS_KEY) {
            reading.warn(at + "is shorter than " + SHORT_ACCESS_KEY + " characters and easy to guess");
        }
        if (key.startsWith(PREFIX)) {
            reading.warn(at + "looks like an OpenRouter key; callers should not know one");
        }
        return HexFormat.of().formatHex(Secret.sha256(key));
    }

    private static boolean printable(String key) {
        return key.chars().allMatch(c -> c > ' ' && c < 127);
    }
}
