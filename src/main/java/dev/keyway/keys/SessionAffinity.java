package dev.keyway.keys;

import org.jspecify.annotations.Nullable;

/**
 * Keeps a conversation on one account, so that prompt caches hit, and there on one key: rendezvous hashing. When the
 * account can't serve, the next in the conversation's own order does; when accounts come or go, no other conversation
 * moves.
 */
final class SessionAffinity {
    private SessionAffinity() {}

    static @Nullable PooledKey choose(Roster all, Candidates candidates, String session) {
        long hash = hash(session);
        PooledKey best = null;
        long bestScore = 0;
        long[] accounts = all.accountHashes();
        for (int i = 0; i < accounts.length; i++) {
            long score = mix(hash ^ accounts[i]);
            if (best == null || score > bestScore) {
                PooledKey key = within(all.accounts()[i], candidates, hash);
                if (key != null) {
                    best = key;
                    bestScore = score;
                }
            }
        }
        return best;
    }

    private static @Nullable PooledKey within(Account account, Candidates candidates, long hash) {
        PooledKey best = null;
        long bestScore = 0;
        for (PooledKey key : account.keys()) {
            long score = mix(hash ^ key.hash());
            if ((best == null || score > bestScore) && candidates.allows(key)) {
                best = key;
                bestScore = score;
            }
        }
        return best;
    }

    /** FNV-1a over UTF-16 units, stable over restarts. */
    static long hash(String text) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
        }
        return mix(hash);
    }

    /** The finaliser of SplitMix64: every bit of the input moves about half of the output's. */
    private static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }
}
