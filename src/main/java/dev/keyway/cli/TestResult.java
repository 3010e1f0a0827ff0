package dev.keyway.cli;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What a test of a key came to.
 *
 * @param good the upstream takes the key
 */
record TestResult(boolean good, String text) {
    /** Of the admin API's answer: {@code result} is {@code ok}, {@code refused} or {@code unreachable}. */
    static TestResult of(JsonNode body) {
        String result = Plain.text(body.path("result").asText(""));
        String message = Plain.text(body.path("message").asText(""));
        if (result.equals("ok")) {
            String credit = KeyTable.credit(body.path("credit"));
            return new TestResult(true, credit.isEmpty() ? "good" : "good, credit: " + credit);
        }
        return new TestResult(false, message.isEmpty() ? result : result + ": " + message);
    }
}
