package dev.keyway.app;

import dev.keyway.admin.KeyTester;
import dev.keyway.admin.TestResult;
import dev.keyway.admin.TestResult.Verdict;
import dev.keyway.upstream.account.KeyProbe;
import dev.keyway.upstream.account.ProbeResult;
import java.util.concurrent.CompletionStage;

/** Lets admins test keys by probing them. */
final class ProbeTester implements KeyTester {
    private final KeyProbe probe;

    ProbeTester(KeyProbe probe) {
        this.probe = probe;
    }

    @Override
    public CompletionStage<TestResult> test(String id) {
        return probe.test(id).thenApply(ProbeTester::told);
    }

    private static TestResult told(ProbeResult result) {
        if (result instanceof ProbeResult.Accepted accepted) {
            return new TestResult(Verdict.OK, 200, null, accepted.credit());
        }
        if (result instanceof ProbeResult.Refused refused) {
            return new TestResult(Verdict.REFUSED, refused.status(), "The upstream does not take this key", null);
        }
        if (result instanceof ProbeResult.Unreachable unreachable) {
            return new TestResult(
                    Verdict.UNREACHABLE, 0, "The upstream could not be asked: " + unreachable.reason(), null);
        }
        return new TestResult(Verdict.UNREACHABLE, 0, "The key was removed meanwhile", null);
    }
}
