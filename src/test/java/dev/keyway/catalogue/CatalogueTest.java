package dev.keyway.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.keyway.sandbox.Received;
import dev.keyway.sandbox.Reply;
import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.testing.HandTimer;
import dev.keyway.upstream.UpstreamClient;
import dev.keyway.upstream.UpstreamOptions;
import dev.keyway.upstream.account.ModelsCall;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The kept list against the stand-in over real HTTP; only time is moved by hand. */
class CatalogueTest {
    private static final Duration TTL = Duration.ofMinutes(5);
    private static final Duration LATER = TTL.plusSeconds(1);

    private final HandTimer timer = new HandTimer();
    private final List<Catalogue> made = new ArrayList<>();
    private volatile Instant wall = Instant.parse("2026-11-27T12:00:00Z");
    private volatile Instant steady = Instant.parse("2000-01-01T00:00:00Z");
    private volatile CatalogueOptions options = CatalogueOptions.DEFAULTS;

    @TempDir
    private Path home;

    private Sandbox upstream;
    private UpstreamClient client;

    @BeforeEach
    void start() throws IOException {
        upstream = Sandbox.start(SandboxOptions.forTests());
        client = UpstreamClient.start(UpstreamOptions.DEFAULTS, null);
    }

    @AfterEach
    void stop() {
        made.forEach(Catalogue::close);
        client.close();
        upstream.close();
    }

    private Catalogue catalogue(URI baseUrl) {
        Catalogue catalogue = new Catalogue(
                new ModelsCall(client, at(baseUrl)),
                new SnapshotFile(home, baseUrl),
                () -> options,
                new Catalogue.Clocks(() -> wall, () -> steady),
                timer,
                client.worker());
        made.add(catalogue);
        return catalogue;
    }

    private Catalogue catalogue() {
        return catalogue(upstream.baseUrl());
    }

    private static UpstreamOptions at(URI baseUrl) {
        UpstreamOptions defaults = UpstreamOptions.DEFAULTS;
        return new UpstreamOptions(
                baseUrl,
                defaults.connectTimeout(),
                Duration.ofSeconds(1),
                defaults.idleTimeout(),
                defaults.totalTimeout(),
                defaults.streamTimeout(),
                defaults.hold(),
                defaults.keepAliveInterval(),
                defaults.maxConnections(),
                defaults.maxQueued(),
                defaults.receiveBuffer(),
                defaults.caFile(),
                defaults.proxy(),
                defaults.retry(),
                defaults.circuit(),
                defaults.maxBody());
    }

    private void pass(Duration time) {
        wall = wall.plus(time);
        steady = steady.plus(time);
    }

    private static Look look(Catalogue catalogue) {
        return catalogue
                .look(TTL)
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    private static ApiException refusal(Catalogue catalogue) {
        return failure(catalogue.look(TTL).toCompletableFuture());
    }

    private List<String> ids(Catalogue catalogue) {
        return look(catalogue).list().all(false).stream().map(Model::id).toList();
    }

    /** A failure that may pass is tried once more, a moment later. */
    private ApiException refusalAfterTwoSends(Catalogue catalogue) {
        CompletableFuture<Look> looking = catalogue.look(TTL).toCompletableFuture();
        await().until(() -> timer.pending() == 2);
        timer.advance(Duration.ofMillis(200));
        return failure(looking);
    }

    private static ApiException failure(CompletableFuture<Look> looking) {
        try {
            Look found = looking.orTimeout(10, TimeUnit.SECONDS).join();
            throw new AssertionError("there was a list: " + found);
        } catch (CompletionException e) {
            return (ApiException) Objects.requireNonNull(e.getCause());
        }
    }

    private static Reply list(String... models) {
        return Reply.of(200, "application/json", Lists.of(models));
    }

    private int asked() {
        return upstream.received().size();
    }

    /** Until the file is written and the next question may be asked. */
    private Path file() {
        Path file = home.resolve("data/models.json");
        await().until(() -> Files.exists(file));
        return file;
    }

    @Test
    void proof_14_a_thousand_first_looks_at_once_are_one_question_to_the_upstream() throws Exception {
        CompletableFuture<Void> open = new CompletableFuture<>();
        upstream.holdModels(open);
        Catalogue catalogue = catalogue();
        CountDownLatch ready = new CountDownLatch(8);
        List<CompletableFuture<List<CompletableFuture<Look>>>> threads = new ArrayList<>();
        for (int thread = 0; thread < 8; thread++) {
            threads.add(CompletableFuture.supplyAsync(() -> {
                ready.countDown();
                List<CompletableFuture<Look>> looks = new ArrayList<>();
                for (int i = 0; i < 125; i++) {
                    looks.add(catalogue.look(TTL).toCompletableFuture());
                }
                return looks;
            }));
        }
        List<CompletableFuture<Look>> looks = new ArrayList<>();
        for (CompletableFuture<List<CompletableFuture<Look>>> thread : threads) {
            looks.addAll(thread.get(10, TimeUnit.SECONDS));
        }
        open.complete(null);

        assertThat(looks)
                .hasSize(1000)
                .allSatisfy(one ->
                        assertThat(one.get(10, TimeUnit.SECONDS).list().size()).isPositive());
        assertThat(asked()).isOne();
    }

    @Test
    void S1_30_a_list_is_answered_from_for_its_time_and_then_asked_for_again() {
        Catalogue catalogue = catalogue();

        assertThat(look(catalogue).fetched()).isTrue();
        pass(TTL.minusMillis(1));
        assertThat(look(catalogue)).satisfies(kept -> {
            assertThat(kept.fetched()).isFalse();
            assertThat(kept.age()).isEqualTo(TTL.minusMillis(1));
            assertThat(kept.left()).isEqualTo(Duration.ofMillis(1));
        });
        assertThat(asked()).isOne();
        pass(Duration.ofMillis(1));
        assertThat(look(catalogue).fetched()).isTrue();
        assertThat(asked()).isEqualTo(2);
    }

    @Test
    void no_key_goes_along_with_the_question() {
        look(catalogue());

        Received asked = upstream.received().get(0);
        assertThat(asked.method() + " " + asked.target()).isEqualTo("GET /api/v1/models");
        assertThat(asked.headers("Authorization")).isEmpty();
        assertThat(asked.headers("Accept-Encoding")).containsExactly("identity");
    }

    @Test
    void a_list_that_has_not_changed_is_confirmed_with_a_304() {
        Catalogue catalogue = catalogue();
        ModelList first = look(catalogue).list();
        pass(LATER);

        Look second = look(catalogue);

        assertThat(second.list()).isSameAs(first);
        assertThat(second.age()).isZero();
        assertThat(second.fetched()).isTrue();
        assertThat(upstream.received()).extracting(Received::status).containsExactly(200, 304);
    }

    @Test
    void a_304_that_nobody_asked_for_is_no_list() {
        upstream.scriptModels(Reply.of(304, "application/json", new byte[0]));

        assertThat(refusal(catalogue()).text()).contains("status 304");
    }

    @Test
    void a_new_list_takes_the_old_ones_place() {
        upstream.scriptModels(list("{'id':'a/old'}").withHeader("ETag", "\"1\""), list("{'id':'a/new'}"));
        Catalogue catalogue = catalogue();

        assertThat(ids(catalogue)).containsExactly("a/old");
        pass(LATER);
        assertThat(ids(catalogue)).containsExactly("a/new");
        assertThat(upstream.received().get(1).headers("If-None-Match")).containsExactly("\"1\"");
        pass(LATER);
        look(catalogue);
        assertThat(upstream.received().get(2).headers("If-None-Match")).isEmpty();
    }

    static Stream<Reply> noLists() {
        return Stream.of(
                Reply.of(200, "text/html", "<html>busy</html>".getBytes(StandardCharsets.UTF_8)),
                Reply.json(200, ""),
                Reply.json(200, "{\"data\":[]}"),
                Reply.json(200, "{\"data\":[{\"id\":\"a/b\"}"),
                Reply.json(200, "{\"error\":{\"code\":500,\"message\":\"no\"}}"),
                Reply.json(401, "{\"error\":{\"code\":401,\"message\":\"no\"}}"),
                Reply.of(302, "text/plain", new byte[0]),
                Reply.of(200, "application/json", blank(Catalogue.MAX_LIST + 1)));
    }

    private static byte[] blank(int size) {
        byte[] blank = new byte[size];
        Arrays.fill(blank, (byte) ' ');
        return blank;
    }

    @ParameterizedTest
    @MethodSource("noLists")
    void C19_the_last_good_list_is_kept_whatever_comes_instead_of_one(Reply instead) {
        upstream.scriptModels(list("{'id':'a/good'}"), instead);
        Catalogue catalogue = catalogue();
        assertThat(ids(catalogue)).containsExactly("a/good");
        pass(LATER);

        Look kept = look(catalogue);

        assertThat(kept.list().all(false)).extracting(Model::id).containsExactly("a/good");
        assertThat(kept.fetched()).isFalse();
        assertThat(kept.left()).isEqualTo(TTL.minus(LATER));
        assertThat(catalogue.status().lastError()).isNotEmpty();
        assertThat(catalogue.status().failures()).isOne();
        assertThat(asked()).isEqualTo(2);
    }

    @ParameterizedTest
    @MethodSource("noLists")
    void without_a_list_the_client_is_told_why_and_when_to_come_back(Reply instead) {
        upstream.scriptModels(instead);

        ApiException refusal = refusal(catalogue());

        assertThat(refusal.code()).isEqualTo(ErrorCode.UPSTREAM);
        assertThat(refusal.text())
                .startsWith("OpenRouter's list of models could not be fetched: ")
                .doesNotContain("busy");
        assertThat(refusal.headers()).containsEntry("Retry-After", "2");
    }

    @Test
    void a_failure_that_may_pass_is_tried_once_more() {
        upstream.scriptModels(Reply.json(503, "{}"), list("{'id':'a/b'}"));
        Catalogue catalogue = catalogue();
        CompletableFuture<Look> looking = catalogue.look(TTL).toCompletableFuture();
        await().until(() -> timer.pending() == 2);
        assertThat(looking).isNotDone();

        timer.advance(Duration.ofMillis(200));

        assertThat(looking.orTimeout(10, TimeUnit.SECONDS).join().list().size()).isOne();
        assertThat(asked()).isEqualTo(2);
    }

    @Test
    void after_failures_the_upstream_is_left_alone_for_longer_and_longer() {
        upstream.scriptModels(
                Stream.generate(() -> Reply.json(404, "{}")).limit(20).toArray(Reply[]::new));
        Catalogue catalogue = catalogue();
        List<Long> pauses = new ArrayList<>();

        for (int failure = 1; failure <= 8; failure++) {
            ApiException refusal = refusal(catalogue);
            long pause = Long.parseLong(refusal.headers().get("Retry-After"));
            pauses.add(pause);
            int before = asked();
            pass(Duration.ofSeconds(pause).minusMillis(1));
            assertThat(refusal(catalogue).headers()).containsEntry("Retry-After", "1");
            assertThat(asked()).describedAs("asked again within the pause").isEqualTo(before);
            pass(Duration.ofMillis(1));
        }

        assertThat(pauses).containsExactly(2L, 4L, 8L, 16L, 32L, 60L, 60L, 60L);
    }

    @Test
    void the_first_success_ends_the_pauses() {
        upstream.scriptModels(
                Reply.json(404, "{}"), Reply.json(404, "{}"), list("{'id':'a/b'}"), Reply.json(404, "{}"));
        Catalogue catalogue = catalogue();
        refusal(catalogue);
        pass(Duration.ofSeconds(2));
        refusal(catalogue);
        pass(Duration.ofSeconds(4));
        assertThat(ids(catalogue)).containsExactly("a/b");
        assertThat(catalogue.status().lastError()).isEmpty();

        pass(LATER);
        assertThat(ids(catalogue)).describedAs("kept").containsExactly("a/b");
        pass(Duration.ofSeconds(2));
        look(catalogue);
        assertThat(asked()).describedAs("asked again after two seconds").isEqualTo(5);
    }

    @Test
    void who_waits_for_a_list_that_is_too_old_gets_the_old_one_after_three_seconds() {
        Catalogue catalogue = catalogue();
        ModelList old = look(catalogue).list();
        file();
        upstream.holdModels(new CompletableFuture<>());
        pass(LATER);
        CompletableFuture<Look> waiting = catalogue.look(TTL).toCompletableFuture();

        timer.advance(Duration.ofMillis(2999));
        assertThat(waiting).isNotDone();
        timer.advance(Duration.ofMillis(1));

        assertThat(waiting.orTimeout(10, TimeUnit.SECONDS).join()).satisfies(look -> {
            assertThat(look.list()).isSameAs(old);
            assertThat(look.fetched()).isFalse();
            assertThat(look.left()).isNegative();
        });
    }

    @Test
    void an_upstream_that_says_nothing_is_a_timeout() {
        upstream.holdModels(new CompletableFuture<>());

        assertThat(refusal(catalogue())).satisfies(refusal -> {
            assertThat(refusal.code()).isEqualTo(ErrorCode.TIMEOUT);
            assertThat(refusal.text()).endsWith("timeout");
        });
    }

    @Test
    void an_upstream_that_is_not_there_is_named_so() {
        upstream.close();

        assertThat(refusalAfterTwoSends(catalogue())).satisfies(refusal -> {
            assertThat(refusal.code()).isEqualTo(ErrorCode.UPSTREAM);
            assertThat(refusal.text()).endsWith("connect_failed");
        });
    }

    @Test
    void C19_a_restart_without_an_upstream_answers_from_the_file() throws Exception {
        upstream.scriptModels(list("{'id':'a/kept','x':1.0}").withHeader("ETag", "\"7\""));
        look(catalogue());
        file();
        upstream.close();
        pass(Duration.ofHours(3));
        steady = Instant.parse("1999-01-01T00:00:00Z");

        Catalogue restarted = catalogue();
        CompletableFuture<Look> looking = restarted.look(TTL).toCompletableFuture();
        await().until(() -> timer.pending() >= 2);
        timer.advance(Duration.ofMillis(200));

        Look kept = looking.orTimeout(10, TimeUnit.SECONDS).join();
        assertThat(kept.age()).isEqualTo(Duration.ofHours(3));
        assertThat(new String(kept.list().whole(false), StandardCharsets.UTF_8)).contains("\"x\":1.0");
        if (home.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void a_kept_list_is_confirmed_by_its_validator() {
        upstream.scriptModels(list("{'id':'a/kept'}").withHeader("ETag", "\"7\""));
        look(catalogue());
        file();
        pass(LATER);

        look(catalogue());

        assertThat(upstream.received().get(1).headers("If-None-Match")).containsExactly("\"7\"");
    }

    @Test
    void a_young_kept_list_is_answered_from_without_a_question() {
        look(catalogue());
        file();
        pass(Duration.ofMinutes(1));

        assertThat(look(catalogue()).age()).isEqualTo(Duration.ofMinutes(1));
        assertThat(asked()).isOne();
    }

    static Stream<String> unusableFiles() {
        return Stream.of(
                "",
                "{",
                "garbage",
                "{\"version\":2,\"base_url\":\"URL\",\"confirmed\":\"2026-11-27T12:00:00Z\",\"etag\":null,\"list\":LIST}",
                "{\"version\":1,\"base_url\":\"http://other\",\"confirmed\":\"2026-11-27T12:00:00Z\",\"list\":LIST}",
                "{\"version\":1,\"base_url\":\"URL\",\"confirmed\":\"yesterday\",\"list\":LIST}",
                "{\"version\":1,\"base_url\":\"URL\",\"list\":LIST}",
                "{\"version\":1,\"base_url\":\"URL\",\"confirmed\":\"2026-11-27T12:00:00Z\"}",
                "{\"version\":1,\"base_url\":\"URL\",\"confirmed\":\"2026-11-27T12:00:00Z\",\"list\":[]}",
                "{\"version\":1,\"base_url\":\"URL\",\"confirmed\":\"2026-11-27T12:00:00Z\",\"list\":{\"data\":[]}}",
                "BIG");
    }

    @ParameterizedTest
    @MethodSource("unusableFiles")
    void a_file_that_can_not_be_used_is_as_good_as_none(String content) throws Exception {
        Path file = home.resolve("data/models.json");
        Files.createDirectories(file.resolveSibling(""));
        String list = "{\"data\":[{\"id\":\"a/kept\"}]}";
        Files.writeString(
                file,
                content.replace("URL", upstream.baseUrl().toString())
                        .replace("LIST", list)
                        .replace("BIG", " ".repeat(Catalogue.MAX_LIST + 20_000)));
        Files.writeString(file.resolveSibling("models-1.tmp"), "left by a crash");

        Catalogue catalogue = catalogue();

        assertThat(catalogue.status().models()).isZero();
        assertThat(ids(catalogue)).doesNotContain("a/kept").isNotEmpty();
        assertThat(file.resolveSibling("models-1.tmp")).doesNotExist();
    }

    @Test
    void a_disk_that_refuses_the_file_is_told_and_hinders_nobody() throws Exception {
        Files.writeString(home.resolve("data"), "a file where the folder should be");
        SnapshotFile file = new SnapshotFile(home, upstream.baseUrl());
        Catalogue catalogue = new Catalogue(
                new ModelsCall(client, at(upstream.baseUrl())),
                file,
                () -> options,
                new Catalogue.Clocks(() -> wall, () -> steady),
                timer,
                client.worker());
        made.add(catalogue);

        assertThat(look(catalogue).list().size()).isPositive();
        await().until(() -> !file.failure().isEmpty());

        Files.delete(home.resolve("data"));
        pass(LATER);
        look(catalogue);
        await().until(() -> file.failure().isEmpty());
        assertThat(home.resolve("data/models.json")).exists();
    }

    @Test
    void a_step_of_the_wall_clock_makes_no_list_older() {
        Catalogue catalogue = catalogue();
        look(catalogue);
        wall = wall.plus(Duration.ofDays(400));

        assertThat(look(catalogue).age()).isZero();
        assertThat(asked()).isOne();
    }

    @Test
    void C13_a_model_is_known_whatever_stands_behind_its_name() {
        upstream.scriptModels(list("{'id':'a/b','canonical_slug':'a/b-2026'}"));
        Catalogue catalogue = catalogue();
        look(catalogue);

        assertThat(List.of(
                        "a/b",
                        "a/b:free",
                        "a/b:anything",
                        "a/b-2026",
                        "a/b$think",
                        "a/b:nitro$think?top_p=1",
                        "a/b?top_p=1",
                        "a/b@preset/mine",
                        "@preset/mine"))
                .allMatch(catalogue::knows);
        assertThat(List.of("a/c", "a", "b", "a/", "/b", "c:a/b", "a/c$think")).noneMatch(catalogue::knows);
    }

    @Test
    void C13_without_a_list_every_model_is_known_and_the_list_asked_for_behind_the_scenes() {
        CompletableFuture<Void> open = new CompletableFuture<>();
        upstream.holdModels(open);
        Catalogue catalogue = catalogue();

        assertThat(catalogue.knows("no/such")).isTrue();
        assertThat(catalogue.isFree("no/such")).isFalse();
        assertThat(catalogue.isFree("no/such:free")).isTrue();
        open.complete(null);

        await().until(() -> !catalogue.knows("no/such"));
        assertThat(catalogue.isFree("openrouter/free")).isTrue();
        assertThat(asked()).isOne();
    }

    @Test
    void C13_a_list_of_more_than_a_day_ago_says_nothing_about_new_models() {
        Catalogue catalogue = catalogue();
        look(catalogue);
        file();
        upstream.holdModels(new CompletableFuture<>());
        pass(Duration.ofDays(1));
        assertThat(catalogue.knows("no/such")).isFalse();
        assertThat(catalogue.isFree("openrouter/free")).isTrue();

        pass(Duration.ofMillis(1));

        assertThat(catalogue.knows("no/such")).isTrue();
        assertThat(catalogue.isFree("openrouter/free")).isFalse();
    }

    @Test
    void with_the_cache_off_nothing_is_asked_for_a_judgement() {
        options = new CatalogueOptions(false, TTL, false, false, 50, 1000);
        Catalogue catalogue = catalogue();

        assertThat(catalogue.knows("no/such")).isTrue();
        assertThat(asked()).isZero();
    }

    @Test
    void who_waits_at_the_end_is_told_so() {
        upstream.holdModels(new CompletableFuture<>());
        Catalogue catalogue = catalogue();
        CompletableFuture<Look> waiting = catalogue.look(TTL).toCompletableFuture();

        catalogue.close();

        assertThatThrownBy(waiting::join).hasRootCauseMessage("Keyway is shutting down");
        assertThat(refusal(catalogue).code()).isEqualTo(ErrorCode.UNAVAILABLE);
    }
}
