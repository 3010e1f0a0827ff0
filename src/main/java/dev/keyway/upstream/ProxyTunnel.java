package dev.keyway.upstream;

import dev.keyway.upstream.OutgoingProxyOptions.Login;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.client.BasicAuthentication.BasicResult;
import org.eclipse.jetty.client.Connection;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.HttpProxy;
import org.eclipse.jetty.client.Origin;
import org.eclipse.jetty.client.ProxyAuthenticationProtocolHandler;
import org.eclipse.jetty.client.Socks5;
import org.eclipse.jetty.client.Socks5Proxy;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.ClientConnectionFactory;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Makes every connection of an HTTP client a tunnel through a proxy, which is told the name of the upstream and looks it
 * up itself; what passes through the tunnel it only hands on.
 */
final class ProxyTunnel {
    private ProxyTunnel() {}

    /** The proxy did not take user and password. */
    static final class LoginRefusedException extends IOException {
        private static final long serialVersionUID = 1L;

        LoginRefusedException(Throwable cause) {
            super("the proxy refused user and password", cause);
        }
    }

    /** To be called when the client is started. */
    static void through(OutgoingProxyOptions proxy, HttpClient client) {
        // Preemptive, and never tried a second time: an upstream's 407 must not be taken for the proxy's.
        client.getProtocolHandlers().remove(ProxyAuthenticationProtocolHandler.NAME);
        Login login = proxy.login();
        switch (proxy.kind()) {
            case SOCKS5 -> {
                Socks socks = new Socks(proxy, client);
                if (login != null) {
                    socks.putAuthenticationFactory(new SocksLogin(login));
                }
                client.getProxyConfiguration().addProxy(socks);
            }
            case HTTP -> {
                Http http = new Http(proxy);
                if (login != null) {
                    client.getAuthenticationStore()
                            .addAuthenticationResult(new BasicResult(
                                    http.getURI(),
                                    HttpHeader.PROXY_AUTHORIZATION,
                                    login.user(),
                                    login.password().reveal(),
                                    StandardCharsets.US_ASCII));
                }
                client.getProxyConfiguration().addProxy(http);
            }
        }
    }

    private static final class Http extends HttpProxy {
        Http(OutgoingProxyOptions proxy) {
            super(proxy.host(), proxy.port());
        }

        /** Also to an upstream without TLS: else an error of the proxy's own would pass for one of the upstream. */
        @Override
        public boolean requiresTunnel(Origin upstream) {
            return true;
        }
    }

    private static final class Socks extends Socks5Proxy {
        private final HttpClient client;

        Socks(OutgoingProxyOptions proxy, HttpClient client) {
            super(proxy.host(), proxy.port());
            this.client = client;
        }

        /** Jetty has no clock for this handshake but the one of idle connections. */
        @Override
        public ClientConnectionFactory newClientConnectionFactory(ClientConnectionFactory inside) {
            return (endPoint, context) -> {
                Once promise = Once.in(context);
                Scheduler.Task clock = client.getScheduler()
                        .schedule(
                                () -> {
                                    promise.failed(new TimeoutException("no tunnel yet"));
                                    endPoint.close();
                                },
                                client.getConnectTimeout(),
                                TimeUnit.MILLISECONDS);
                ClientConnectionFactory tunnelled = (tunnel, tunnelContext) -> {
                    clock.cancel();
                    return inside.newConnection(tunnel, tunnelContext);
                };
                return super.newClientConnectionFactory(tunnelled).newConnection(endPoint, context);
            };
        }
    }

    /** Ends once, with the first word: closing the connection fails it as well, and the pool counts each failure. */
    private static final class Once extends Promise.Wrapper<Connection> {
        private final AtomicBoolean over = new AtomicBoolean();

        private Once(Promise<Connection> promise) {
            super(promise);
        }

        /** Puts one in front of the promise of a connection that is being made. */
        static Once in(Map<String, Object> context) {
            @SuppressWarnings("unchecked") // put there by the HTTP client
            Promise<Connection> promise = (Promise<Connection>) context.get(Connection.PROMISE_CONTEXT_KEY);
            Once once = new Once(Objects.requireNonNull(promise));
            context.put(Connection.PROMISE_CONTEXT_KEY, once);
            return once;
        }

        @Override
        public void succeeded(Connection connection) {
            if (!over.getAndSet(true)) {
                super.succeeded(connection);
            } else {
                connection.close();
            }
        }

        @Override
        public void failed(Throwable failure) {
            if (!over.getAndSet(true)) {
                super.failed(failure);
            }
        }
    }

    /** User and password of RFC 1929; a refusal is told apart from other failures. */
    private static final class SocksLogin implements Socks5.Authentication.Factory {
        private final Socks5.Authentication.Factory plain;

        SocksLogin(Login login) {
            this.plain = new Socks5.UsernamePasswordAuthenticationFactory(
                    login.user(), login.password().reveal());
        }

        @Override
        public byte getMethod() {
            return plain.getMethod();
        }

        @Override
        public Socks5.Authentication newAuthentication() {
            Socks5.Authentication asking = plain.newAuthentication();
            return (endPoint, callback) -> asking.authenticate(
                    endPoint,
                    Callback.from(callback::succeeded, failure -> callback.failed(new LoginRefusedException(failure))));
        }
    }
}
