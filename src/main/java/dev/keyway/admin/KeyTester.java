package dev.keyway.admin;

import java.util.concurrent.CompletionStage;

/** Asks the upstream whether a key is good. */
public interface KeyTester {
    /** Asks with the key of this id, which is one of the pool; never fails: what went wrong is a result too. */
    CompletionStage<TestResult> test(String id);
}
