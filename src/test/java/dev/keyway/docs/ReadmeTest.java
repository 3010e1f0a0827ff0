package dev.keyway.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.app.Chain;
import dev.keyway.exchange.Api;
import dev.keyway.filter.tag.TagDoc;
import dev.keyway.filter.tag.Tags;
import dev.keyway.sandbox.Faults;
import dev.keyway.wire.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What README says of the code is what the code does. */
class ReadmeTest {
    private static final Pattern CHAIN_LINE =
            Pattern.compile("(?m)^  \\|  (\\S.*?) {2,}(head|body|attempt) {2,}\\S.*$");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");

    @TempDir
    private Path home;

    @Test
    void table_of_tags_is_that_of_the_code() throws IOException {
        List<String> rows = new ArrayList<>(List.of("| tag | what you get | what it writes |", "| --- | --- | --- |"));
        Tags.ALL.stream()
                .flatMap(tag -> tag.docs().stream())
                .map(ReadmeTest::row)
                .forEach(rows::add);

        Readme.assertTable("tags", rows);
    }

    private static String row(TagDoc doc) {
        List<String> tags =
                Stream.of(doc.syntax().split(", ", -1)).map(tag -> "$" + tag).toList();
        return "| " + Readme.code(tags) + " | " + doc.meaning() + " | `" + doc.writes() + "` |";
    }

    @Test
    void table_of_faults_is_that_of_the_stand_in() throws IOException {
        Readme.assertTable("faults", Faults.table().lines().toList());
    }

    @Test
    void picture_of_the_chain_has_its_links_in_their_order() throws IOException {
        String text = Readme.text();
        String picture = text.substring(text.indexOf("<!-- chain -->"), text.indexOf("OpenRouter\n```"));
        List<String> drawn = CHAIN_LINE
                .matcher(picture)
                .results()
                .map(line -> line.group(1) + " " + line.group(2))
                .toList();

        try (AGateway gateway = AGateway.in(home)) {
            List<String> links = gateway.chain().links().stream()
                    .map(link -> link.name() + " " + link.stage().name().toLowerCase(Locale.ROOT))
                    .toList();
            assertThat(drawn)
                    .isEqualTo(links)
                    .contains("access " + Chain.Stage.HEAD.name().toLowerCase(Locale.ROOT));
        }
    }

    @Test
    void table_of_errors_has_every_status_with_its_type() throws IOException {
        List<String> rows = Readme.block("errors").group(1).lines().skip(2).toList();

        assertThat(rows)
                .extracting(row -> row.split(" \\| ", -1)[0] + " " + row.split(" \\| ", -1)[1])
                .containsExactlyElementsOf(Arrays.stream(ErrorCode.values())
                        .map(code -> "| " + code.status() + " `" + code.type() + "`")
                        .toList());
    }

    @Test
    void apis_with_a_body_of_their_own_are_named() throws IOException {
        String text = Readme.text();

        assertThat(Api.values())
                .filteredOn(Api::rewritten)
                .allSatisfy(api -> assertThat(text).contains("`" + api.path() + "`"));
        List<String> columns = Arrays.stream(Api.values())
                .filter(Api::takesTags)
                .map(Api::path)
                .toList();
        assertThat(text).contains("| tag | " + Readme.code(columns).replace(", ", " | ") + " |");
    }

    @Test
    void every_file_that_is_linked_is_there() throws IOException {
        List<String> files =
                LINK.matcher(Readme.text()).results().map(link -> link.group(1)).toList();

        assertThat(files)
                .contains(
                        "deploy/application-servers.md",
                        "etc/openapi.yaml",
                        "etc/keyway.example.yml",
                        "etc/decisions",
                        "LICENSE")
                .allSatisfy(file -> assertThat(Path.of(file)).exists());
    }

    @ParameterizedTest
    @ValueSource(strings = "deploy/application-servers.md")
    void every_file_that_a_page_links_is_there(String page) throws IOException {
        Path folder = Path.of(page).resolveSibling("");

        assertThat(LINK.matcher(Files.readString(Path.of(page))).results().map(link -> link.group(1)))
                .isNotEmpty()
                .allSatisfy(file -> assertThat(folder.resolve(file)).exists());
    }

    @Test
    void every_section_that_is_linked_is_there() throws IOException {
        String text = Readme.text();
        List<String> anchors = HEADING.matcher(text)
                .results()
                .map(heading -> heading.group(1).toLowerCase(Locale.ROOT).replace(' ', '-'))
                .toList();

        assertThat(Pattern.compile("\\]\\(#([^)]+)\\)").matcher(text).results().map(link -> link.group(1)))
                .isNotEmpty()
                .allSatisfy(link -> assertThat(anchors).contains(link));
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo", "gateway", "python", "javascript", "curl"})
    void blocks_that_the_walk_runs_are_there(String name) throws IOException {
        List<MatchResult> blocks = Pattern.compile("<!-- walk: " + name + " -->\n```\\w+\n(.+?)\n```", Pattern.DOTALL)
                .matcher(Readme.text())
                .results()
                .toList();

        assertThat(blocks)
                .isNotEmpty()
                .allSatisfy(block -> assertThat(block.group(1)).isNotBlank());
    }

    @ParameterizedTest
    @ValueSource(strings = {"README.md", "CHANGELOG.md", "deploy/application-servers.md", "etc/openapi.yaml"})
    void pages_are_plain_text_within_reach_of_a_terminal(String page) throws IOException {
        String text = Files.readString(Path.of(page));

        assertThat(text.codePoints().filter(c -> c > 0x2fff || (c >= 0x2600 && c <= 0x27bf)))
                .describedAs("no emoji")
                .isEmpty();
        assertThat(text.lines().filter(line -> line.endsWith(" "))).isEmpty();
    }
}
