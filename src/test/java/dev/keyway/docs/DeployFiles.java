package dev.keyway.docs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.yaml.snakeyaml.Yaml;

/** What lies in {@code deploy/}, read as those read it who work by it. */
final class DeployFiles {
    static final Path FOLDER = Path.of("deploy");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern CONTINUED = Pattern.compile("\\\\\\n\\s*");

    private DeployFiles() {}

    /** All files with one of these endings, below a folder of {@code deploy/}; empty: all of it. */
    static List<Path> all(String folder, String... endings) throws IOException {
        try (Stream<Path> files = Files.walk(FOLDER.resolve(folder))) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> Stream.of(endings).anyMatch(file.toString()::endsWith))
                    .sorted()
                    .toList();
        }
    }

    static String text(String file) throws IOException {
        return Files.readString(FOLDER.resolve(file));
    }

    /** The one document of a YAML or JSON file. */
    static JsonNode yaml(String file) throws IOException {
        return documents(FOLDER.resolve(file)).get(0);
    }

    /** Every document of a YAML or JSON file. */
    static List<JsonNode> documents(Path file) throws IOException {
        List<JsonNode> documents = new ArrayList<>();
        new Yaml().loadAll(Files.readString(file)).forEach(document -> documents.add(JSON.valueToTree(document)));
        return documents;
    }

    /** The words of a list. */
    static List<String> words(JsonNode list) {
        List<String> words = new ArrayList<>();
        list.forEach(word -> words.add(word.asText()));
        return words;
    }

    /** {@code NAME=value}, a line each, as Compose and kustomize read them; comments left out. */
    static Map<String, String> variables(String file) throws IOException {
        Map<String, String> variables = new TreeMap<>();
        text(file)
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .forEach(line -> variables.put(line.split("=", 2)[0], line.split("=", 2)[1]));
        return variables;
    }

    /** What stands behind each use of an instruction of the Dockerfile, continued lines joined. */
    static List<String> instructions(String name) throws IOException {
        return CONTINUED
                .matcher(text("Dockerfile").replaceAll("(?m)^#.*\\n", ""))
                .replaceAll(" ")
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .map(line -> line.substring(name.length() + 1))
                .toList();
    }

    /** {@code ENV} of the image. */
    static Map<String, String> imageEnvironment() throws IOException {
        Map<String, String> environment = new TreeMap<>();
        for (MatchResult variable : Pattern.compile("(\\w+)=(\\S+)")
                .matcher(String.join(" ", instructions("ENV")))
                .results()
                .toList()) {
            environment.put(variable.group(1), variable.group(2));
        }
        return environment;
    }

    /** A command in exec form, behind {@code CMD} or alone. */
    static List<String> command(String instruction) throws IOException {
        return words(JSON.readTree(instruction.substring(instruction.indexOf('['))));
    }
}
