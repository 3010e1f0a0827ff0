package dev.keyway;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the table of packages and who may import whom, and the fences around what only one place may do. */
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.keyway");

    /** Package → packages of Keyway it may import, besides itself. A new package needs a line here. */
    private static final Map<String, List<String>> MAY_IMPORT = new TreeMap<>(Map.ofEntries(
            Map.entry("wire", List.of()),
            Map.entry("slug", List.of("wire")),
            Map.entry("exchange", List.of("wire", "slug")),
            Map.entry("access", List.of("wire", "exchange")),
            Map.entry("limit", List.of("wire", "exchange", "access")),
            Map.entry("keys", List.of("wire", "exchange")),
            Map.entry("keys.store", List.of("wire", "keys")),
            Map.entry("stream", List.of("wire", "exchange")),
            Map.entry("catalogue", List.of("wire", "exchange", "access")),
            Map.entry("filter", List.of("wire", "slug", "exchange", "catalogue")),
            Map.entry("watch", List.of()),
            Map.entry("upstream", List.of("wire", "exchange", "filter", "keys", "stream", "limit", "access", "watch")),
            Map.entry("inference", List.of("wire", "exchange", "access", "filter", "upstream")),
            Map.entry("upstream.account", List.of("wire", "exchange", "keys", "catalogue", "upstream")),
            Map.entry("observe", List.of("wire", "exchange", "keys")),
            Map.entry("admin", List.of("wire", "exchange", "access", "keys", "observe")),
            Map.entry(
                    "config",
                    List.of(
                            "wire",
                            "slug",
                            "exchange",
                            "access",
                            "limit",
                            "keys",
                            "keys.store",
                            "filter",
                            "upstream",
                            "upstream.account",
                            "inference",
                            "observe",
                            "catalogue",
                            "watch")),
            Map.entry("sandbox", List.of("wire")),
            Map.entry(
                    "app",
                    List.of(
                            "wire",
                            "slug",
                            "exchange",
                            "access",
                            "limit",
                            "keys",
                            "keys.store",
                            "keys.store",
                            "stream",
                            "filter",
                            "upstream",
                            "upstream.account",
                            "inference",
                            "observe",
                            "admin",
                            "catalogue",
                            "watch",
                            "config")),
            Map.entry("launch", List.of("wire", "exchange", "upstream", "config", "app", "observe")),
            Map.entry(
                    "cli",
                    List.of(
                            "wire",
                            "access",
                            "keys",
                            "keys.store",
                            "upstream",
                            "observe",
                            "config",
                            "admin",
                            "app",
                            "launch",
                            "sandbox"))));

    static Stream<String> packages() {
        return MAY_IMPORT.keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("packages")
    void a_package_imports_only_what_the_table_allows(String name) {
        importsOf(name).check(CLASSES);
    }

    private static ArchRule importsOf(String name) {
        List<String> forbidden = MAY_IMPORT.keySet().stream()
                .filter(other -> !other.equals(name) && !MAY_IMPORT.get(name).contains(other))
                .toList();
        return noClasses().that(standIn(List.of(name))).should().dependOnClassesThat(standIn(forbidden));
    }

    private static DescribedPredicate<JavaClass> standIn(List<String> names) {
        return new DescribedPredicate<>("stand in " + names) {
            @Override
            public boolean test(JavaClass type) {
                return names.contains(lineOf(type));
            }
        };
    }

    /** The line of the table a class stands under: that of its package, or of the nearest one around it; empty without. */
    private static String lineOf(JavaClass type) {
        String name = type.getPackageName().replaceFirst("^dev\\.keyway\\.?", "");
        if (name.equals(type.getPackageName())) {
            return "";
        }
        while (!name.isEmpty() && !MAY_IMPORT.containsKey(name)) {
            name = name.contains(".") ? name.substring(0, name.lastIndexOf('.')) : "";
        }
        return name;
    }

    private static String within(String name) {
        return "dev.keyway." + name + "..";
    }

    @Test
    void config_takes_only_options_from_the_packages_it_binds() {
        noClasses()
                .that()
                .resideInAPackage(within("config"))
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                                within("access"),
                                within("limit"),
                                within("keys.store"),
                                within("filter"),
                                within("upstream"),
                                within("observe"),
                                within("catalogue"),
                                within("watch"))
                        .and(DescribedPredicate.not(new DescribedPredicate<JavaClass>("are options") {
                            @Override
                            public boolean test(JavaClass type) {
                                String name = type.getName();
                                return name.contains("Options") || name.endsWith("AccessKey");
                            }
                        })))
                .check(CLASSES);
    }

    @Test
    void every_package_stands_in_the_table() {
        List<String> unlisted = CLASSES.stream()
                .map(type -> type.getPackageName().substring("dev.keyway".length()))
                .filter(name -> !name.isEmpty())
                .map(name -> name.substring(1).replaceFirst("\\..*", ""))
                .distinct()
                .filter(name -> !MAY_IMPORT.containsKey(name))
                .toList();

        assertThat(unlisted).isEmpty();
    }

    /** A package below another one has a line of its own, and what is not its own is not its parent's either. */
    @Test
    void a_class_stands_under_the_nearest_line_of_the_table() {
        assertThat(CLASSES.stream()
                        .filter(type -> type.getPackageName().startsWith("dev.keyway.upstream"))
                        .map(ArchitectureTest::lineOf)
                        .distinct())
                .containsExactlyInAnyOrder("upstream", "upstream.account");
    }

    @Test
    void a_planted_wrong_import_is_found() {
        JavaClasses planted =
                new ClassFileImporter().importClasses(dev.keyway.wire.Secret.class, dev.keyway.exchange.Client.class);
        ArchRule upsideDown = noClasses()
                .that()
                .resideInAPackage(within("exchange"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(within("exchange"));

        assertThatThrownBy(() -> upsideDown.check(planted)).isInstanceOf(AssertionError.class);
    }

    static Stream<ArchRule> fences() {
        return Stream.of(
                only("org.eclipse.jetty.client..", "upstream"),
                only("picocli..", "cli"),
                only("com.fasterxml.jackson.dataformat.yaml..", "config"),
                only(
                        "jakarta.servlet..",
                        "access",
                        "limit",
                        "exchange",
                        "catalogue",
                        "upstream",
                        "inference",
                        "observe",
                        "admin",
                        "app",
                        "launch"),
                only("io.prometheus..", "observe"),
                only("org.eclipse.jetty.server..", "launch"),
                noClasses()
                        .should()
                        .callMethod(System.class, "currentTimeMillis")
                        .because("time comes from the clock that is passed in"),
                noClasses().should().callMethod(Thread.class, "sleep", long.class),
                noClasses()
                        .should()
                        .dependOnClassesThat()
                        .haveNameMatching(
                                "java\\.lang\\.(ProcessBuilder|Runtime\\$.*)|java\\.io\\.Object(In|Out)putStream"
                                        + "|javax\\.script\\..*|javax\\.naming\\..*"),
                noClasses().should().callMethod(Throwable.class, "printStackTrace"),
                noClasses()
                        .that()
                        .doNotHaveFullyQualifiedName("dev.keyway.upstream.UpstreamAuthorization")
                        .should()
                        .accessField(org.eclipse.jetty.http.HttpHeader.class, "AUTHORIZATION")
                        .because("one class puts keys on requests"),
                noClasses()
                        .that()
                        .doNotHaveFullyQualifiedName("dev.keyway.upstream.UpstreamAuthorization")
                        .and()
                        .haveNameNotMatching("dev\\.keyway\\.upstream\\.ProxyTunnel(\\$SocksLogin)?")
                        .and()
                        .resideInAPackage(within("upstream"))
                        .should()
                        .callMethodWhere(new DescribedPredicate<>("it reveals a secret") {
                            @Override
                            public boolean test(com.tngtech.archunit.core.domain.JavaMethodCall call) {
                                return call.getTarget().getFullName().equals("dev.keyway.wire.Secret.reveal()");
                            }
                        }));
    }

    private static ArchRule only(String library, String... homes) {
        return noClasses()
                .that()
                .resideOutsideOfPackages(
                        Stream.of(homes).map(ArchitectureTest::within).toArray(String[]::new))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library);
    }

    @ParameterizedTest
    @MethodSource("fences")
    void what_only_one_place_may_do_is_done_nowhere_else(ArchRule fence) {
        fence.check(CLASSES);
    }

    @Test
    void only_one_class_sets_the_upstream_authorization() {
        classes()
                .that()
                .resideInAPackage(within("upstream"))
                .and()
                .haveSimpleName("UpstreamAuthorization")
                .should()
                .onlyBeAccessed()
                .byAnyPackage(within("upstream"))
                .check(CLASSES);
    }
}
