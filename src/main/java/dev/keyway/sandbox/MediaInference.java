package dev.keyway.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Embeddings, rerank, speech, transcription and images: small answers of the right shape, billed by the catalogue. */
final class MediaInference {
    private static final int DEFAULT_DIMENSIONS = 8;
    private static final int MAX_DIMENSIONS = 4_096;
    private static final String DOT =
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    private final Catalogue catalogue;
    private final Generations generations;

    MediaInference(Catalogue catalogue, Generations generations) {
        this.catalogue = catalogue;
        this.generations = generations;
    }

    void embeddings(Call call, SandboxKey key, JsonNode request) throws IOException {
        CatalogueModel model = model(request, "embeddings");
        JsonNode input = request.path("input");
        boolean given = input.isArray() ? !input.isEmpty() : !input.asText().isEmpty();
        if (!given) {
            throw new RefusedException(ApiError.invalid("input: at least one character is needed"));
        }
        boolean many = input.isArray() && !input.path(0).isNumber();
        int dimensions =
                Math.max(1, Math.min(MAX_DIMENSIONS, request.path("dimensions").asInt(DEFAULT_DIMENSIONS)));
        boolean base64 = request.path("encoding_format").asText().equals("base64");
        ObjectNode root = Json.object().put("object", "list");
        ArrayNode data = root.putArray("data");
        for (int index = 0; index < (many ? input.size() : 1); index++) {
            ObjectNode row = data.addObject().put("object", "embedding");
            vector(row, many ? input.get(index) : input, dimensions, base64);
            row.put("index", index);
        }
        long tokens = Prompts.tokens(input);
        BigDecimal cost = model.price("prompt").multiply(BigDecimal.valueOf(tokens));
        String id = begin(call, key, "gen-emb", cost);
        root.put("model", model.id())
                .put("id", id)
                .put("provider", model.providers().get(0).name());
        root.putObject("usage")
                .put("prompt_tokens", tokens)
                .put("total_tokens", tokens)
                .set("cost", Json.decimal(cost));
        Replies.json(call, 200, root, "X-Generation-Id: " + id);
    }

    private static void vector(ObjectNode row, JsonNode input, int dimensions, boolean base64) {
        byte[] digest = dev.keyway.wire.Secret.sha256(Json.text(input));
        ByteBuffer floats = ByteBuffer.allocate(dimensions * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        ArrayNode numbers = Json.array();
        for (int i = 0; i < dimensions; i++) {
            float value = digest[i % digest.length] / 128f;
            numbers.add(value);
            floats.putFloat(value);
        }
        if (base64) {
            row.put("embedding", Base64.getEncoder().encodeToString(floats.array()));
        } else {
            row.set("embedding", numbers);
        }
    }

    void rerank(Call call, SandboxKey key, JsonNode request) throws IOException {
        CatalogueModel model = model(request, "rerank");
        JsonNode documents = request.path("documents");
        if (!documents.isArray() || documents.isEmpty()) {
            throw new RefusedException(ApiError.invalid("documents: at least one is needed"));
        }
        int top = Math.min(documents.size(), request.path("top_n").asInt(documents.size()));
        BigDecimal cost = model.price("request");
        String id = begin(call, key, "gen-rerank", cost);
        ObjectNode root = Json.object()
                .put("id", id)
                .put("model", model.id())
                .put("provider", model.providers().get(0).name());
        ArrayNode results = root.putArray("results");
        for (int i = 0; i < top; i++) {
            ObjectNode result = results.addObject().put("index", i).put("relevance_score", 0.9 / (i + 1));
            JsonNode document = documents.get(i);
            result.set("document", document.isTextual() ? Json.object().put("text", document.asText()) : document);
        }
        root.putObject("usage").put("search_units", 1).set("cost", Json.decimal(cost));
        Replies.json(call, 200, root, "X-Generation-Id: " + id);
    }

    void speech(Call call, SandboxKey key, JsonNode request) throws IOException {
        CatalogueModel model = model(request, "audio");
        long tokens = Prompts.tokens(request.path("input"));
        String id = begin(call, key, "gen-tts", model.price("prompt").multiply(BigDecimal.valueOf(tokens)));
        boolean mp3 = request.path("response_format").asText("pcm").equals("mp3");
        byte[] sound = new byte[4_800];
        for (int i = 0; i < sound.length; i++) {
            sound[i] = (byte) (i * 31);
        }
        String type = mp3 ? "audio/mpeg" : "audio/pcm;rate=24000;channels=1";
        Replies.bytes(call, 200, type, sound, "X-Generation-Id: " + id);
    }

    /** Takes JSON and multipart alike; of multipart it reads the model's name only. */
    void transcription(Call call, SandboxKey key) throws IOException {
        byte[] body = call.request().body();
        boolean multipart = call.request().lists("Content-Type", "multipart/form-data");
        CatalogueModel model = model(multipart ? form(body) : object(body), "transcription");
        BigDecimal cost = model.price("request");
        String id = begin(call, key, "gen-stt", cost);
        ObjectNode root = Json.object().put("text", "The stand-in heard " + body.length + " bytes.");
        root.putObject("usage").put("seconds", 1).set("cost", Json.decimal(cost));
        Replies.json(call, 200, root, "X-Generation-Id: " + id);
    }

    private static ObjectNode form(byte[] body) {
        String text = new String(body, StandardCharsets.ISO_8859_1);
        ObjectNode fields = Json.object();
        int name = text.indexOf("name=\"model\"");
        int begin = name < 0 ? -1 : text.indexOf("\r\n\r\n", name);
        int end = begin < 0 ? -1 : text.indexOf("\r\n", begin + 4);
        return end < 0 ? fields : fields.put("model", text.substring(begin + 4, end));
    }

    void images(Call call, SandboxKey key, JsonNode request) throws IOException {
        CatalogueModel model = model(request, "image");
        BigDecimal cost = model.price("image_output");
        String id = begin(call, key, "gen-img", cost);
        ObjectNode root = Json.object().put("created", generations.seconds());
        ArrayNode data = root.putArray("data");
        for (int i = 0; i < Math.max(1, Math.min(10, request.path("n").asInt(1))); i++) {
            data.addObject().put("b64_json", DOT).put("media_type", "image/png");
        }
        root.putObject("usage").set("cost", Json.decimal(cost));
        Replies.json(call, 200, root, "X-Generation-Id: " + id);
    }

    private String begin(Call call, SandboxKey key, String prefix, BigDecimal cost) {
        if (key.account().balance().signum() <= 0) {
            throw new RefusedException(ApiError.noCredit());
        }
        if (key.overLimit()) {
            throw new RefusedException(ApiError.keyLimit("total"));
        }
        String id = generations.newId(prefix);
        call.received().started(id);
        call.received().bill(cost);
        key.charge(cost);
        generations.bill(cost);
        return id;
    }

    private CatalogueModel model(JsonNode request, String modality) {
        String name = request.path("model").asText("");
        CatalogueModel model = catalogue.find(name);
        if (model == null || !model.produces(modality)) {
            throw new RefusedException(ApiError.unknownModel(name));
        }
        return model;
    }

    static JsonNode object(byte[] body) {
        try {
            JsonNode node = Json.parse(body);
            if (node.isObject()) {
                return node;
            }
        } catch (IOException e) {
            // The parser's own words may hold a part of the prompt, so they are not passed on.
        }
        throw new RefusedException(ApiError.invalid("the body is not a JSON object"));
    }
}
