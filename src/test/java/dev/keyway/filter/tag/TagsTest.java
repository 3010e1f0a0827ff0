package dev.keyway.filter.tag;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TagsTest {
    @Test
    void every_form_of_every_tag_is_documented() {
        List<TagDoc> docs =
                Tags.ALL.stream().flatMap(tag -> tag.docs().stream()).toList();

        assertThat(docs)
                .extracting(TagDoc::syntax)
                .containsExactly(
                        "int4, int8, fp4, fp6, fp8, fp16, bf16, fp32",
                        "think",
                        "think.<number>",
                        "think.<word>",
                        "think.off, think.no",
                        "zdr",
                        "cache, cache5m",
                        "cache1h",
                        "strict",
                        "tier.<name>",
                        "<provider>");
        assertThat(docs).allSatisfy(doc -> {
            assertThat(doc.meaning()).isNotBlank().doesNotContain("\n", "|");
            assertThat(doc.writes()).isNotBlank().doesNotContain("\n", "|");
        });
    }

    @Test
    void documented_forms_are_matched_by_the_tag_that_documents_them() {
        for (Tag tag : Tags.ALL) {
            for (TagDoc doc : tag.docs()) {
                for (String form : doc.syntax().split(", ", -1)) {
                    String example =
                            form.replace("<number>", "7").replace("<", "").replace(">", "");

                    assertThat(Tags.ALL.stream().filter(t -> t.matches(example)).findFirst())
                            .describedAs(example)
                            .contains(tag);
                }
            }
        }
    }

    @Test
    void tags_are_equal_when_they_ask_for_the_same() {
        Tags tags = Tags.of(List.of("fp8", "THINK", "Groq"));

        assertThat(tags)
                .isEqualTo(Tags.of(List.of("think", "Groq", "FP8", "fp8")))
                .hasSameHashCodeAs(Tags.of(List.of("think", "Groq", "FP8", "fp8")))
                .isNotEqualTo(Tags.of(List.of("fp8", "think", "groq")))
                .isNotEqualTo(Tags.of(List.of()));
        assertThat(Tags.of(List.of()).isEmpty()).isTrue();
    }
}
