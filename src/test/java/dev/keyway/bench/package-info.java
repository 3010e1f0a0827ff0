/**
 * The benchmark, started by {@code etc/bench/run.sh}: a load upstream, clients, the servers compared, and the page of
 * results. Nothing here is part of the product.
 */
package dev.keyway.bench;
